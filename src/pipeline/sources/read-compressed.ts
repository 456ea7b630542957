/**
 * Archives: gzip (also of several members) and zstd (also of several frames), read as a stream in bounded memory.
 *
 * What decompressed is handed on before an ArchiveError says that the rest is cut off or damaged. To that end the
 * decompressor gets its input block by block, and is told of the end only once everything it gave is taken out of it:
 * a stream that fails drops what it still holds.
 */
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { faultCode } from './errors.ts';

export type Compression = 'gzip' | 'zstd';

/** The archive is cut off or damaged; what came before was handed on. */
export class ArchiveError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArchiveError';
  }
}

/** How many bytes `recognise` looks at. */
export const MAGIC_BYTES = 6;

const MAGICS: readonly (readonly [Compression | 'bzip2' | 'xz', readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** How a file is compressed, by its first bytes: names lie. bzip2 and xz are known only to be refused by name. */
export function recognise(firstBytes: Buffer): Compression | 'bzip2' | 'xz' | undefined {
  return MAGICS.find(([, magic]) => magic.every((byte, i) => firstBytes[i] === byte))?.[0];
}

/** Whether more bytes are needed to tell: so far they may be the beginning of an archive. */
export function isUndecided(firstBytes: Buffer): boolean {
  return MAGICS.some(
    ([, magic]) => firstBytes.length < magic.length && firstBytes.every((byte, i) => byte === magic[i]),
  );
}

/**
 * Decompresses. Errors of `blocks` itself pass through.
 * @throws ArchiveError behind the last bytes that could be had
 */
export async function* decompress(
  blocks: AsyncIterable<Buffer>,
  compression: Compression,
): AsyncGenerator<Buffer> {
  const stream = compression === 'gzip' ? createGunzip() : createZstdDecompress();
  let failure: Error | undefined;
  let ended = false;
  let wake = (): void => undefined;
  stream.on('error', (error: Error) => {
    failure = error;
    wake();
  });
  stream.on('end', () => {
    ended = true;
    wake();
  });
  stream.on('readable', () => wake());

  async function* taken(done: () => boolean): AsyncGenerator<Buffer> {
    for (;;) {
      const chunk: unknown = stream.read();
      if (Buffer.isBuffer(chunk)) yield chunk;
      else if (failure !== undefined) throw archiveError(failure);
      else if (done()) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  try {
    for await (const block of blocks) {
      let used = false;
      stream.write(block, () => {
        used = true;
        wake();
      });
      yield* taken(() => used);
    }
    stream.end();
    yield* taken(() => ended);
  } finally {
    stream.destroy();
  }
}

function archiveError(cause: Error): ArchiveError {
  const cutOff = faultCode(cause) === 'Z_BUF_ERROR';
  return new ArchiveError(cutOff ? 'is cut off' : `is damaged (${cause.message})`, { cause });
}

/** Joins small chunks to ones of about `chunkBytes`. What is held goes out before an error passes. */
export async function* regroup(chunks: AsyncIterable<Buffer>, chunkBytes: number): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let failure: { readonly error: unknown } | undefined;
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      let next: IteratorResult<Buffer, unknown>;
      try {
        next = await iterator.next();
      } catch (error) {
        failure = { error };
        break;
      }
      if (next.done === true) break;
      held.push(next.value);
      heldBytes += next.value.length;
      if (heldBytes < chunkBytes) continue;
      const joined = Buffer.concat(held, heldBytes);
      held = [];
      heldBytes = 0;
      yield joined;
    }
    if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
    if (failure !== undefined) throw failure.error;
  } finally {
    await iterator.return?.();
  }
}
