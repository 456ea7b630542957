/**
 * The content of an open file, plain or compressed: its blocks and its head.
 */
import type { OpenFile } from './file-system.ts';
import { continuesHead, readHead, type Head } from './head-digest.ts';
import { ArchiveError, decompress, MAGIC_BYTES, recognise, type Compression } from './read-compressed.ts';

/** Small enough that a block of an archive, decompressed, is no burden; big enough to be quick. */
const BLOCK_BYTES = 64 * 1024;
/** Most heads end within their first lines; but there may be a long hole in front of them. */
const HEAD_BLOCK_BYTES = 8 * 1024;
const HEAD_BLOCK_BYTES_MAX = 256 * 1024;

/** How the file is compressed, as its first bytes say. */
export async function compressionOf(file: OpenFile): Promise<Compression | 'bzip2' | 'xz' | undefined> {
  return recognise(await readAt(file, 0, MAGIC_BYTES));
}

/** At most `bytes` bytes from `position`, in memory that nobody else writes to. */
export async function readAt(file: OpenFile, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  return buffer.subarray(0, await file.read(buffer, position));
}

/** The file as it stands on the disk, block by block. */
export async function* blocksOf(file: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const block = await readAt(file, position, BLOCK_BYTES);
    if (block.length === 0) return;
    position += block.length;
    yield block;
  }
}

/** Blocks for a head: few bytes where it is in front, as a rule, and ever more where it is far behind. */
async function* headBlocksOf(file: OpenFile, start: number): AsyncGenerator<Buffer> {
  let blockBytes = HEAD_BLOCK_BYTES;
  for (let position = start; ;) {
    const block = await readAt(file, position, blockBytes);
    if (block.length === 0) return;
    position += block.length;
    blockBytes = Math.min(HEAD_BLOCK_BYTES_MAX, blockBytes * 2);
    yield block;
  }
}

/** The head of the file's decompressed content; of a torn archive, what can be had of it. */
export async function headOf(file: OpenFile, compression: Compression | undefined): Promise<Head> {
  if (compression === undefined) return readHead(headBlocksOf(file, 0));
  return readHead(untilTorn(decompress(blocksOf(file), compression)));
}

async function* untilTorn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
  }
}

/**
 * Whether a plain file still is the one that had `head`, and `bytes` were its bytes at `offset`: asked *after* they
 * were read, as the file may be truncated and filled anew at any moment before.
 * @returns the head as it is now, which may have grown; undefined where the file holds something else
 */
export async function confirmHead(
  file: OpenFile,
  head: Head,
  bytes: Buffer,
  offset: number,
): Promise<Head | undefined> {
  if (head.complete) {
    const now = await readAt(file, head.start, head.bytes.length);
    return now.equals(head.bytes) ? head : undefined;
  }
  const now = await readHead(headBlocksOf(file, head.start), head.start);
  // With nothing known of it yet the file cannot be another one, and a hole may have come in front of its content.
  if (head.bytes.length === 0 && bytes.length === 0) return now;
  if (!continuesHead(head, now)) return undefined;
  const there = now.bytes.subarray(offset - now.start, offset - now.start + bytes.length);
  // A head that is incomplete is all there is.
  if (!now.complete && there.length < bytes.length) return undefined;
  return there.equals(bytes.subarray(0, there.length)) ? now : undefined;
}
