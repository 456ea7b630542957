import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  ArchiveError,
  decompress,
  isUndecided,
  recognise,
  regroup,
  type Compression,
} from './read-compressed.ts';

/** Hard to compress, so that the archive has many blocks. */
const content = Buffer.from(
  Array.from({ length: 30_000 }, (_, i) => `${createHash('md5').update(String(i)).digest('hex')}\n`).join(''),
);

async function* blocks(archive: Buffer, blockBytes = 16_384): AsyncGenerator<Buffer> {
  for (let at = 0; at < archive.length; at += blockBytes) yield archive.subarray(at, at + blockBytes);
}

interface Outcome {
  readonly bytes: Buffer;
  readonly error: unknown;
}

async function readAll(archive: Buffer, compression: Compression, chunkBytes = 65_536): Promise<Outcome> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of regroup(decompress(blocks(archive), compression), chunkBytes))
      chunks.push(chunk);
  } catch (error) {
    return { bytes: Buffer.concat(chunks), error };
  }
  return { bytes: Buffer.concat(chunks), error: undefined };
}

const kinds = [
  ['gzip', gzipSync, 1000],
  // zstd gives out whole blocks of at most 128 KiB.
  ['zstd', zstdCompressSync, 256 * 1024],
] as const;

for (const [compression, compress, lostBytesMax] of kinds) {
  describe(compression, () => {
    const archive = compress(content);

    it('is recognised and read', async () => {
      assert.equal(recognise(archive.subarray(0, 6)), compression);
      assert.deepEqual(await readAll(archive, compression), { bytes: content, error: undefined });
    });

    it('is read to the end of its last member', async () => {
      const { bytes, error } = await readAll(
        Buffer.concat([archive, compress(Buffer.from('more\n'))]),
        compression,
      );
      assert.equal(error, undefined);
      assert.equal(bytes.toString(), `${content.toString()}more\n`);
    });

    it('gives what there is of it when it is cut off', async () => {
      const { bytes, error } = await readAll(archive.subarray(0, archive.length - 8), compression);
      assert.ok(error instanceof ArchiveError);
      assert.equal(error.message, 'is cut off');
      assert.ok(bytes.equals(content.subarray(0, bytes.length)));
      assert.ok(bytes.length >= content.length - lostBytesMax, `${bytes.length} of ${content.length}`);
    });

    it('gives what stands before the damage', async () => {
      const member = compress(content.subarray(0, content.length / 2));
      // A second member that begins as one and is none.
      const damaged = Buffer.concat([archive, member.subarray(0, 4), Buffer.alloc(100_000, 0xff)]);
      const { bytes, error } = await readAll(damaged, compression);
      assert.ok(error instanceof ArchiveError);
      assert.match(error.message, /is damaged/);
      assert.ok(bytes.equals(content.subarray(0, bytes.length)));
      assert.ok(bytes.length >= content.length - 256 * 1024, `${bytes.length} of ${content.length}`);
    });

    it('comes in chunks of about the size asked for', async () => {
      const sizes: number[] = [];
      for await (const chunk of regroup(decompress(blocks(archive), compression), 200_000))
        sizes.push(chunk.length);
      assert.deepEqual(
        sizes.slice(0, -1).filter((size) => size < 200_000 || size > 400_000),
        [],
      );
    });
  });
}

describe('decompress', () => {
  it('passes on that reading the archive failed, behind what came before', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield gzipSync(content).subarray(0, 100_000);
      throw new Error('EIO');
    }
    const chunks: Buffer[] = [];
    await assert.rejects(async () => {
      for await (const chunk of regroup(decompress(failing(), 'gzip'), 1_000_000)) chunks.push(chunk);
    }, /EIO/);
    assert.ok(Buffer.concat(chunks).length > 50_000);
  });
});

describe('isUndecided', () => {
  it('waits for more only while an archive may begin so', () => {
    const undecided = ['', 'B', 'BZ', '\u001f'].filter((text) => isUndecided(Buffer.from(text)));
    assert.deepEqual(undecided, ['', 'B', 'BZ', '\u001f']);
    const decided = ['{', 'BZh', '\u001f\u008b', 'Ba'].filter((text) =>
      isUndecided(Buffer.from(text, 'latin1')),
    );
    assert.deepEqual(decided, []);
  });
});
