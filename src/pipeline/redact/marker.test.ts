import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';
import fc from 'fast-check';
import { equalJson } from '../../model/json.ts';
import { jsonValues } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { base64 } from '../../testing/secrets.ts';
import { KEY_BYTES, keyedDigest, mark, markBase64 } from './marker.ts';

const digest = keyedDigest(Buffer.alloc(KEY_BYTES, 1));

it('a marker is half an HMAC-SHA256 of what is marked, and no base64', () => {
  const hmac = createHmac('sha256', Buffer.alloc(KEY_BYTES, 1)).update('\0hunter2').digest();
  const marker = mark(digest, 'hunter2');
  assert.equal(marker, `redacted:hmac-sha256:${hmac.subarray(0, 16).toString('base64url')}`);
  assert.match(marker, /^redacted:hmac-sha256:[\w-]{22}$/);
  assert.doesNotMatch(marker, /^[A-Za-z0-9+/]*={0,2}$/);
});

it('a digest is that of node:crypto, whatever the key and the bytes', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.uint8Array({ maxLength: 200 }), (key, bytes) => {
      const hmac = createHmac('sha256', key).update(bytes).digest().subarray(0, 16);
      const digestOf = keyedDigest(key);
      // What a digest was of before has no part in it.
      digestOf(Buffer.from('other'));
      assert.equal(digestOf(bytes), `redacted:hmac-sha256:${hmac.toString('base64url')}`);
    }),
  );
  assert.throws(() => keyedDigest(Buffer.alloc(65)), RangeError);
});

it('another key makes other markers', () => {
  assert.notEqual(mark(keyedDigest(Buffer.alloc(KEY_BYTES, 2)), 'hunter2'), mark(digest, 'hunter2'));
});

it('what looks like a marker is marked as any other text', () => {
  const marker = mark(digest, 'hunter2');
  assert.notEqual(mark(digest, marker), marker);
  assert.notEqual(markBase64(digest, marker), marker);
});

it('values are equal where, and only where, their markers are', () => {
  const pairs = fc.property(jsonValues, jsonValues, (a, b) => {
    assert.equal(mark(digest, a) === mark(digest, b), equalJson(a, b));
  });
  checkProperty(pairs);
});

it('base64 has the marker of its bytes, however it is written', () => {
  const texts = fc.constantFrom('', 'a', 'ab', 'abc', 'ä', '1', 'null', '\0');
  checkProperty(
    fc.property(texts, texts, (a, b) => {
      assert.equal(markBase64(digest, base64(a)) === mark(digest, b), a === b);
    }),
  );
  assert.equal(markBase64(digest, 'aHVu\r\ndGVyMg=='), mark(digest, 'hunter2'));
});

it('what is no base64 is marked as a text', () => {
  for (const text of ['hunter2', 'aHV', 'a===', '====', 'aHVu dGVy', 'aHVudGV-']) {
    assert.equal(markBase64(digest, text), mark(digest, text), text);
  }
});
