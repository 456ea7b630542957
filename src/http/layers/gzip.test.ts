import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { serveLayers } from '../testing/serve-layers.ts';
import { gzip } from './gzip.ts';

const LARGE = '{"a":"é"}\n'.repeat(20_000);

test('above 128 KiB, for those who take gzip', async (t) => {
  const ask = await serveLayers(t, gzip(), (ctx) => {
    ctx.type = 'application/json';
    ctx.body = ctx.path === '/large' ? LARGE : '{}';
  });
  const large = await ask('/large', { 'accept-encoding': 'gzip' });
  assert.equal(large.headers['content-encoding'], 'gzip');
  assert.equal(large.headers['vary'], 'Accept-Encoding');
  assert.equal(gunzipSync(Buffer.from(large.body, 'latin1')).toString(), LARGE);
  for (const encodings of ['', 'br', 'deflate, zstd', 'gzip;q=0', 'identity;q=0', '*;q=0']) {
    const plain = await ask('/large', { 'accept-encoding': encodings });
    assert.equal(plain.code, 200, encodings);
    assert.equal(plain.headers['content-encoding'], undefined, encodings);
    assert.equal(Buffer.from(plain.body, 'latin1').toString(), LARGE, encodings);
  }
  const small = await ask('/small', { 'accept-encoding': 'gzip' });
  assert.equal(small.headers['content-encoding'], undefined);
  assert.equal(small.body, '{}');
});
