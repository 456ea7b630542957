/**
 * A large log of real events from a small recording: the recording again and again, each copy with other UUIDs (audit IDs,
 * uids) and other names, so that no copy repeats the one before.
 *
 * Deterministic: the same recording and size give the same bytes.
 */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import split2 from 'split2';

/** The lines of a recording, which may be gzipped. */
export async function readLines(path: string): Promise<string[]> {
  const lines: string[] = [];
  const keep = async (source: AsyncIterable<string>): Promise<void> => {
    for await (const line of source) lines.push(line);
  };
  const file = createReadStream(path);
  const splitter = split2('\n', (line) => line);
  await (path.endsWith('.gz')
    ? pipeline(file, createGunzip(), splitter, keep)
    : pipeline(file, splitter, keep));
  return lines;
}

/** Lines of at least `bytes` bytes in sum, newlines included; `rename` is the name that each copy gets its own of. */
export function* amplify(recording: readonly string[], bytes: number, rename: string): Generator<string> {
  let written = 0;
  for (let copy = 0; written < bytes; copy += 1) {
    for (const line of recording) {
      const other = rekey(line, copy, rename);
      yield other;
      written += Buffer.byteLength(other) + 1;
      if (written >= bytes) return;
    }
  }
}

const UUID_START = /\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)/g;

function rekey(line: string, copy: number, rename: string): string {
  const shifted = (start: string): string =>
    ((Number.parseInt(start, 16) + copy * 0x9e3779b1) % 2 ** 32).toString(16).padStart(8, '0');
  return line.replaceAll(UUID_START, shifted).replaceAll(rename, `${rename}-${copy}`);
}
