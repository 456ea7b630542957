import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Consumer, lines } from '../../testing/source-harness.ts';
import { StreamSource } from './stdin-source.ts';

function drive(options: { readonly chunkBytes?: number; readonly follow?: boolean } = {}): {
  readonly input: PassThrough;
  readonly consumer: Consumer;
} {
  const input = new PassThrough();
  const source = new StreamSource({
    name: '-',
    open: () => input,
    follow: false,
    pollIntervalMs: 1,
    ...options,
  });
  return { input, consumer: new Consumer(source) };
}

describe('a stream as a source', () => {
  it('hands on what comes, then ends', async () => {
    const { input, consumer } = drive();
    input.write(lines(0, 3));
    while (consumer.text !== lines(0, 3)) await consumer.take();
    input.end(lines(3, 3));
    while ((await consumer.take()) !== undefined);
    assert.equal(consumer.text, lines(0, 6));
    assert.deepEqual(consumer.ends, ['-']);
    const { bytesBehind, bytesRead } = consumer.source.progress();
    assert.deepEqual([bytesRead, bytesBehind], [lines(0, 6).length, 0]);
  });

  it('joins small pieces', async () => {
    const { input, consumer } = drive({ chunkBytes: 1000 });
    for (let i = 0; i < 100; i++) input.write(lines(i, 1));
    input.end();
    while ((await consumer.take()) !== undefined);
    assert.equal(consumer.text, lines(0, 100));
    assert.deepEqual(
      consumer.chunkSizes.slice(0, -1).filter((size) => size < 1000),
      [],
    );
  });

  it('is caught up when nothing comes, also before the first bytes', async () => {
    const { input, consumer } = drive();
    assert.deepEqual(await consumer.take(), { type: 'caught-up' });
    input.write('one');
    while (consumer.text !== 'one') await consumer.take();
    assert.deepEqual(await consumer.take(), { type: 'caught-up' });
    await consumer.stop();
  });

  it('is empty when nothing comes and it ends', async () => {
    const { input, consumer } = drive();
    input.end();
    while ((await consumer.take()) !== undefined);
    assert.deepEqual([consumer.text, consumer.ends, consumer.waits], ['', [], true]);
  });

  for (const [name, compress] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    it(`is decompressed where it is ${name}, and its torn end told`, async () => {
      const archive = compress(lines(0, 5000));
      const whole = drive();
      whole.input.end(archive);
      while ((await whole.consumer.take()) !== undefined);
      assert.equal(whole.consumer.text, lines(0, 5000));

      const torn = drive();
      torn.input.end(archive.subarray(0, archive.length - 10));
      while ((await torn.consumer.take()) !== undefined);
      assert.deepEqual(torn.consumer.ends, ['- (torn)']);
      assert.ok(lines(0, 5000).startsWith(torn.consumer.text));
      assert.match(torn.consumer.source.progress().problem ?? '', /is cut off/);
    });
  }

  it('ends at once when it is aborted, also while it waits', async () => {
    const { input, consumer } = drive();
    input.write('one');
    while (consumer.text !== 'one') await consumer.take();
    while (!consumer.waits) await consumer.take();
    const next = consumer.take();
    consumer.abort();
    await next;
    assert.equal(await consumer.take(), undefined);
    assert.equal(input.destroyed, true);
  });

  it('that fails throws where it is read once, and says so where it is followed', async () => {
    const once = drive();
    once.input.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
    await assert.rejects(once.consumer.drain(), { code: 'SOURCE_READ_FAILED' });

    const followed = drive({ follow: true });
    followed.input.write(`${lines(0, 1)}{"audit`);
    while (followed.consumer.text === '') await followed.consumer.take();
    followed.input.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
    while ((await followed.consumer.take()) !== undefined);
    assert.deepEqual([followed.consumer.text, followed.consumer.ends], [lines(0, 1), ['- (torn)']]);
    assert.match(followed.consumer.source.progress().problem ?? '', /input\/output error/);
  });
});
