/**
 * Which content a file holds, whatever it is called and whether it is compressed.
 *
 * The identity is a digest over the head: the shortest prefix of whole lines of at least 1024 bytes, or the first
 * 64 KiB where that has no line end. Inodes are reused and names shift, the first event of a log comes only once.
 *
 * Zero bytes in front are no content: a writer without O_APPEND (kube-apiserver is one) leaves a hole of them when its
 * file is truncated in place, and goes on behind it.
 *
 * Invariant: the head of a file that only grows is a prefix of its later heads, and never changes once `complete`.
 */
import { createHash } from 'node:crypto';

export const HEAD_BYTES_MIN = 1024;
export const HEAD_BYTES_MAX = 64 * 1024;
const LF = 0x0a;
const ZEROS = Buffer.alloc(256 * 1024);

export interface Head {
  /** Where the content begins: behind the hole, if there is one. */
  readonly start: number;
  readonly bytes: Buffer;
  /** Whether growth of the file leaves it as it is. If not, it is all that the file holds. */
  readonly complete: boolean;
}

/**
 * Reads the head from content that is given in chunks, and no more chunks than it needs.
 * @param from where the chunks start in the content
 */
export async function readHead(chunks: AsyncIterable<Buffer>, from = 0): Promise<Head> {
  let start = from;
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let content = chunk;
    if (bytes.length === 0) {
      const zeros = leadingZeros(chunk);
      start += zeros;
      content = chunk.subarray(zeros);
    }
    bytes = Buffer.concat([bytes, content.subarray(0, HEAD_BYTES_MAX - bytes.length)]);
    const head = completeHead(start, bytes);
    if (head !== undefined) return head;
  }
  return { start, bytes, complete: false };
}

function completeHead(start: number, bytes: Buffer): Head | undefined {
  const lineEnd = bytes.indexOf(LF, HEAD_BYTES_MIN - 1);
  // A copy: what it is a part of may be a chunk of a megabyte.
  if (lineEnd !== -1) return { start, bytes: Buffer.from(bytes.subarray(0, lineEnd + 1)), complete: true };
  return bytes.length < HEAD_BYTES_MAX ? undefined : { start, bytes, complete: true };
}

function leadingZeros(bytes: Buffer): number {
  // A hole may be gigabytes long: those are compared a block at a time.
  if (bytes.length <= ZEROS.length && ZEROS.subarray(0, bytes.length).equals(bytes)) return bytes.length;
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? bytes.length : first;
}

/** The identity that the head gives. For an incomplete head it holds only for a file that will not grow. */
export function digestOf(head: Head): string {
  return createHash('sha256').update(head.bytes).digest('base64url');
}

/** Whether `later` can be the head of the file that had `earlier`, or of a copy of it. */
export function continuesHead(earlier: Head, later: Head): boolean {
  return later.start === earlier.start && later.bytes.subarray(0, earlier.bytes.length).equals(earlier.bytes);
}
