/**
 * Reads one log: its files in the order in which they were written, each to its end.
 *
 * States, a round going through some of them:
 *   choosing   no file is begun: the oldest that is not dealt with is next; none, and it waits
 *   reading    a file is held open and handed on chunk by chunk
 *   tailing    it is handed on as far as it goes and may grow: wait, look again
 *   resuming   a file is begun (`#begun`) and not held open, because reading failed or because it was truncated in
 *              place: whatever file has its content now is read on from the offset; if none has, it ends torn
 *
 * When a file ends: whoever rotates a log may write to the old file for a while. It is over when a newer file holds
 * something, and then only once it was read to its end *again*, because the last of it may have been written just before.
 *
 * Invariants: `end` is handed on for every file of which bytes were, before any bytes of another. Offsets only grow
 * between two ends. No file is held open between two rounds.
 */
import { describeFault, faultCode, sourceError } from './errors.ts';
import { findContinuation, recogniseCopies } from './copies.ts';
import { blocksOf, compressionOf, confirmHead, headOf, readAt } from './content.ts';
import type { FileInfo, OpenFile } from './file-system.ts';
import { digestOf } from './head-digest.ts';
import { closeQuietly, type LogFolder, type Opened } from './log-folder.ts';
import type { LogFile } from './log-listing.ts';
import { ArchiveError, decompress, regroup, type Compression } from './read-compressed.ts';
import { Reading } from './reading.ts';
import type { SourceItem } from './source.ts';
import type { Wakeup } from './wakeup.ts';

export interface LogReaderOptions {
  readonly base: string;
  readonly follow: boolean;
  readonly chunkBytes: number;
}

/** What is read where the file's size promises nothing: some file systems are late with it. */
const READ_BYTES_MIN = 4096;
const CAUGHT_UP = { type: 'caught-up' } as const;

export class LogReader {
  readonly #folder: LogFolder;
  readonly #options: LogReaderOptions;
  #begun: Reading | undefined;
  #readBytes = 0;
  #found = false;
  #place: string;

  constructor(folder: LogFolder, options: LogReaderOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#place = folder.livePath;
  }

  /** Which file the reading is at: where a fault that a round throws happened. */
  get place(): string {
    return this.#place;
  }

  /** Bytes on disk that were handed on, since the beginning. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /**
   * Hands on what one look finds; where that is nothing, waits.
   * @returns whether the log is read for good, which never happens where it is followed
   * @throws StaleListing, or an error of the file system; the next round goes on where this one was
   */
  async *round(wakeup: Wakeup): AsyncGenerator<SourceItem, boolean> {
    const { base, follow } = this.#options;
    this.#place = this.#folder.livePath;
    const files = await this.#folder.list();
    this.#found ||= files.length > 0;
    if (this.#begun !== undefined) {
      yield* this.#resume(this.#begun, files, wakeup);
      return false;
    }
    const next = await this.#folder.openNext(files);
    if (next === 'blocked') {
      await wakeup.pause();
      return false;
    }
    if (next !== undefined) {
      const done = yield* this.#read(next, undefined, wakeup);
      // What comes after the live file was not there when the reading began.
      return !follow && done && next.file.name === base;
    }
    const path = this.#folder.livePath;
    if (!follow) {
      if (this.#found) return true;
      throw sourceError(Object.assign(new Error('no such file'), { code: 'ENOENT' }), path);
    }
    if (files.length === 0) this.#folder.report(`${path} does not exist yet: waiting for it`);
    yield CAUGHT_UP;
    await wakeup.wait();
    return false;
  }

  /** Goes on with what was begun, in whatever file has it now. */
  async *#resume(
    reading: Reading,
    files: readonly LogFile[],
    wakeup: Wakeup,
  ): AsyncGenerator<SourceItem, void> {
    const found = await findContinuation(this.#folder, reading, files);
    if (found === undefined) yield* this.#end(reading, { torn: true, done: false });
    else yield* this.#read(found, reading, wakeup);
  }

  /**
   * Reads a file to its end, from where `resumed` says or the ledger does, and closes it whatever happens.
   * @returns whether it is dealt with
   */
  async *#read(
    { file, handle }: Opened,
    resumed: Reading | undefined,
    wakeup: Wakeup,
  ): AsyncGenerator<SourceItem, boolean> {
    this.#place = file.path;
    try {
      const compression = await compressionOf(handle);
      let done = true;
      if (compression === undefined) done = yield* this.#readPlain(file, handle, resumed, wakeup);
      else if (compression === 'gzip' || compression === 'zstd') {
        yield* this.#readArchive(file, handle, compression, resumed);
      } else this.#refuse(file, compression);
      // After a failure or an abort it stays what it was, for whoever asks how far the log was read.
      if (!wakeup.aborted) this.#folder.held = undefined;
      return done;
    } finally {
      this.#folder.shadows.clear();
      await closeQuietly(handle);
    }
  }

  #refuse(file: LogFile, compression: string): void {
    this.#folder.ledger.see(file.info);
    const remedy = 'recompress it with gzip or zstd';
    this.#folder.reportFile(file, `${file.path} is not read (compressed with ${compression}): ${remedy}`);
  }

  async *#readArchive(
    file: LogFile,
    handle: OpenFile,
    compression: Compression,
    resumed: Reading | undefined,
  ): AsyncGenerator<SourceItem, void> {
    const head = await headOf(handle, compression);
    const known = this.#folder.ledger.known(digestOf(head));
    if (resumed === undefined && known?.done === true) {
      this.#folder.ledger.see(file.info);
      return;
    }
    const reading = resumed ?? new Reading(file.name, head, Math.max(head.start, known?.lineStart ?? 0));
    let usedBytes = 0;
    // The decompressor holds content of bytes that it was given: the last byte counts as behind until the end.
    const lastByte = file.info.sizeBytes - 1;
    this.#folder.held = { id: file.info.id, handle, usedBytes: () => Math.min(usedBytes, lastByte) };
    const blocks = counted(blocksOf(handle), (bytes) => {
      usedBytes += bytes;
      this.#readBytes += bytes;
    });
    let torn = false;
    let position = 0;
    try {
      for await (const chunk of regroup(decompress(blocks, compression), this.#options.chunkBytes)) {
        const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, reading.offset - position)));
        position += chunk.length;
        if (fresh.length > 0) yield this.#handOn(reading, fresh);
      }
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      torn = true;
      this.#folder.reportFile(
        file,
        `${file.path} ${error.message}: what comes before that is read; restore the file`,
      );
    }
    this.#folder.ledger.see(file.info);
    yield* this.#end(reading, { torn, done: !torn });
  }

  async *#readPlain(
    file: LogFile,
    handle: OpenFile,
    resumed: Reading | undefined,
    wakeup: Wakeup,
  ): AsyncGenerator<SourceItem, boolean> {
    const final = !this.#options.follow || file.closed;
    const reading = resumed ?? (await this.#beginPlain(file, handle, final));
    if (reading === undefined) {
      this.#folder.ledger.see(file.info);
      return true;
    }
    this.#folder.held = { id: file.info.id, handle, usedBytes: () => reading.offset };
    let over = final;
    while (!wakeup.aborted) {
      const info = await handle.info();
      const bytes = await this.#readOn(handle, info, reading.offset);
      if (!file.closed && !(await confirm(handle, info, reading, bytes))) return false;
      // A truncation is not seen while nothing is known of the content: what was there before stands in a copy.
      const isFirst = bytes.length > 0 && !reading.handedOn && file.name === this.#options.base;
      if (isFirst && (await this.#folder.hasPredecessor(info.id))) return false;
      if (bytes.length > 0) {
        this.#readBytes += bytes.length;
        yield this.#handOn(reading, bytes);
      } else if (over) {
        this.#folder.ledger.see(info);
        yield* this.#end(reading, { torn: false, done: true });
        return true;
      } else if (await this.#isSuperseded(info.id)) {
        over = true;
      } else {
        yield CAUGHT_UP;
        if (await wakeup.wait()) await recogniseCopies(this.#folder, reading, info.id);
      }
    }
    return false;
  }

  /** Where a plain file is read from; undefined where all of it was. */
  async #beginPlain(file: LogFile, handle: OpenFile, final: boolean): Promise<Reading | undefined> {
    const head = await headOf(handle, undefined);
    const known = final || head.complete ? this.#folder.ledger.known(digestOf(head)) : undefined;
    if (known === undefined) return new Reading(file.name, head, head.start);
    const { sizeBytes } = file.info;
    // A live file of which a copy was read may grow on.
    const mayGrow = !final && file.name === this.#options.base;
    if (sizeBytes <= known.lengthBytes && !mayGrow) return undefined;
    return new Reading(file.name, head, Math.max(head.start, Math.min(known.lineStart, sizeBytes)));
  }

  async #readOn(handle: OpenFile, info: FileInfo, offset: number): Promise<Buffer> {
    const restBytes = info.sizeBytes - offset;
    if (restBytes < 0) return Buffer.alloc(0);
    return readAt(handle, offset, Math.min(this.#options.chunkBytes, Math.max(READ_BYTES_MIN, restBytes)));
  }

  /** Whether a newer file holds something. Where that cannot be seen, no: the file that is held may be deleted. */
  async #isSuperseded(id: string): Promise<boolean> {
    try {
      return await this.#folder.hasSuccessor(id);
    } catch (error) {
      if (faultCode(error) === undefined) throw error;
      this.#folder.report(describeFault(error, this.#folder.livePath));
      return false;
    }
  }

  #handOn(reading: Reading, bytes: Buffer): SourceItem {
    this.#begun = reading;
    return reading.handOn(bytes);
  }

  *#end(
    reading: Reading,
    { torn, done }: { readonly torn: boolean; readonly done: boolean },
  ): Generator<SourceItem> {
    this.#begun = undefined;
    this.#folder.ledger.know(digestOf(reading.head), reading.known(done));
    if (reading.handedOn) yield reading.end(torn);
  }
}

/** Whether the file was not truncated under the reading. If it was, `bytes` mean nothing. */
async function confirm(handle: OpenFile, info: FileInfo, reading: Reading, bytes: Buffer): Promise<boolean> {
  if (info.sizeBytes < reading.offset) return false;
  const head = await confirmHead(handle, reading.head, bytes, reading.offset);
  if (head === undefined) return false;
  reading.head = head;
  if (bytes.length === 0) reading.skipTo(head.start);
  return true;
}

async function* counted(
  blocks: AsyncIterable<Buffer>,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for await (const block of blocks) {
    count(block.length);
    yield block;
  }
}
