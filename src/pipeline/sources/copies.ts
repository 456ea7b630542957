/**
 * Which files of a log hold the content of another: its copy, its archive, or itself under a new name.
 */
import { compressionOf, headOf } from './content.ts';
import { faultCode } from './errors.ts';
import { continuesHead, digestOf } from './head-digest.ts';
import { closeQuietly, StaleListing, type LogFolder, type Opened } from './log-folder.ts';
import type { LogFile } from './log-listing.ts';
import type { Compression } from './read-compressed.ts';
import type { Reading } from './reading.ts';

/**
 * The file that has the head of what was handed on, and more. That may be another file where the head is short and
 * the beginning of both; it has the same bytes up to here, then, and nothing comes twice or is lost.
 */
export async function findContinuation(
  folder: LogFolder,
  reading: Reading,
  files: readonly LogFile[],
): Promise<Opened | undefined> {
  for (const file of files) {
    if (folder.ledger.isSeen(file.info)) continue;
    const handle = await folder.open(file);
    if (handle === undefined) continue;
    let found = false;
    try {
      const compression = readable(await compressionOf(handle));
      const longEnough = compression !== undefined || file.info.sizeBytes >= reading.offset;
      found = longEnough && continuesHead(reading.head, await headOf(handle, compression));
    } finally {
      if (!found) await closeQuietly(handle);
    }
    if (found) return { file, handle };
  }
  return undefined;
}

/**
 * While a file is tailed: backups that were compressed since they were read, and copies of the file itself, are not
 * behind. It only serves to show how far the log is read, so whatever fails is left for the next time.
 */
export async function recogniseCopies(folder: LogFolder, reading: Reading, id: string): Promise<void> {
  try {
    for (const file of await folder.list()) {
      if (file.info.id !== id && !folder.ledger.isSeen(file.info)) await recogniseCopy(folder, reading, file);
    }
  } catch (error) {
    if (!(error instanceof StaleListing) && faultCode(error) === undefined) throw error;
  }
}

async function recogniseCopy(folder: LogFolder, reading: Reading, file: LogFile): Promise<void> {
  const handle = await folder.open(file);
  if (handle === undefined) return;
  try {
    const compression = readable(await compressionOf(handle));
    const head = await headOf(handle, compression);
    const known = folder.ledger.known(digestOf(head));
    const isCovered = (lengthBytes: number): boolean =>
      compression !== undefined || file.info.sizeBytes <= lengthBytes;
    if (known?.done === true && isCovered(known.lengthBytes)) folder.ledger.see(file.info);
    else if (head.bytes.length > 0 && continuesHead(head, reading.head) && isCovered(reading.offset)) {
      folder.shadows.add(file.info.id);
    }
  } finally {
    await closeQuietly(handle);
  }
}

function readable(compression: Compression | 'bzip2' | 'xz' | undefined): Compression | undefined {
  return compression === 'gzip' || compression === 'zstd' ? compression : undefined;
}
