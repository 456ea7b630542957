import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkAsyncProperty } from '../../testing/property.ts';
import {
  continuesHead,
  digestOf,
  HEAD_BYTES_MAX,
  HEAD_BYTES_MIN,
  readHead,
  type Head,
} from './head-digest.ts';

async function headOf(content: Buffer, pieceBytes = 4096): Promise<Head> {
  return readHead(pieces(content, pieceBytes));
}

async function* pieces(content: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

const content = fc
  .array(fc.integer({ min: 1, max: 900 }), { maxLength: 8 })
  .map((lengths) => Buffer.from(lengths.map((length, i) => String(i).repeat(length)).join('\n')));

describe('readHead', () => {
  it('ends with the first line end at or behind 1024 bytes', async () => {
    const text = Buffer.from(`${'a'.repeat(HEAD_BYTES_MIN - 1)}\nb\n`);
    assert.equal((await headOf(text)).bytes.length, HEAD_BYTES_MIN);
    assert.equal((await headOf(text.subarray(1))).bytes.length, HEAD_BYTES_MIN + 1);
  });

  it('is all there is, and incomplete, where no line ends there yet', async () => {
    const head = await headOf(Buffer.from('a\nb'));
    assert.deepEqual([head.bytes.toString(), head.complete], ['a\nb', false]);
  });

  it('is cut at 64 KiB where the line is longer', async () => {
    const head = await headOf(Buffer.alloc(HEAD_BYTES_MAX + 1, 'a'));
    assert.deepEqual([head.bytes.length, head.complete], [HEAD_BYTES_MAX, true]);
  });

  it('begins behind a hole', async () => {
    const head = await headOf(Buffer.concat([Buffer.alloc(10_000), Buffer.from('a\n')]));
    assert.deepEqual([head.start, head.bytes.toString()], [10_000, 'a\n']);
  });

  it('does not depend on the pieces, and only grows with the content until it is complete', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(
        content,
        content,
        fc.integer({ min: 1, max: 3000 }),
        async (earlier, more, pieceBytes) => {
          const head = await headOf(earlier);
          assert.deepEqual(await headOf(earlier, pieceBytes), head);
          const later = await headOf(Buffer.concat([earlier, more]), pieceBytes);
          if (head.bytes.length > 0) assert.ok(continuesHead(head, later));
          if (head.complete) assert.equal(digestOf(later), digestOf(head));
        },
      ),
    );
  });
});

describe('continuesHead', () => {
  it('refuses other content, shorter content and another start', async () => {
    const head = await headOf(Buffer.from('one\ntwo'));
    assert.equal(continuesHead(head, await headOf(Buffer.from('one\ntWo three'))), false);
    assert.equal(continuesHead(head, await headOf(Buffer.from('one\ntw'))), false);
    assert.equal(continuesHead(head, await headOf(Buffer.from('\0one\ntwo'))), false);
    assert.equal(continuesHead(head, await headOf(Buffer.from('one\ntwo three'))), true);
  });
});
