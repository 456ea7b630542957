/**
 * A log on disk as a source: its rotated backups, oldest first, then the file that is being written.
 *
 * Where it follows, no fault of the file system ends it: it says what is wrong, and tries again at the next poll. Where
 * it reads once, a fault is thrown as a SourceError.
 */
import { watchDirectory, type WatchDirectory } from './directory-watch.ts';
import { describeFault, faultCode, SourceError, sourceError } from './errors.ts';
import { nodeFileSystem, type FileSystem } from './file-system.ts';
import { LogFolder, StaleListing } from './log-folder.ts';
import type { LogSet } from './log-listing.ts';
import { LogReader } from './log-reader.ts';
import type { Source, SourceItem, SourceProgress } from './source.ts';
import { Wakeup } from './wakeup.ts';

export interface FileSourceOptions {
  readonly name: string;
  readonly set: LogSet;
  readonly follow: boolean;
  /** 1 MiB by default. */
  readonly chunkBytes?: number | undefined;
  /** 1000 by default. */
  readonly pollIntervalMs?: number | undefined;
  readonly fileSystem?: FileSystem | undefined;
  readonly watchDirectory?: WatchDirectory | undefined;
}

export const CHUNK_BYTES = 1024 * 1024;
export const POLL_INTERVAL_MS = 1000;
/** How often in a row a file may be gone between being listed and being opened, before that is called a fault. */
const STALE_LISTINGS_MAX = 20;

export class FileSource implements Source {
  readonly name: string;
  readonly #options: FileSourceOptions;
  readonly #folder: LogFolder;
  readonly #reader: LogReader;
  #started = false;
  #finished = false;
  #fault: string | undefined;
  #staleListings = 0;

  constructor(options: FileSourceOptions) {
    const { name, set, follow, chunkBytes = CHUNK_BYTES, fileSystem = nodeFileSystem } = options;
    this.name = name;
    this.#options = options;
    this.#folder = new LogFolder({ set, follow, fileSystem });
    this.#reader = new LogReader(this.#folder, { base: set.base, follow, chunkBytes });
  }

  progress(): SourceProgress {
    const [first = this.#fault, ...others] = this.#folder.troubles;
    return {
      bytesRead: this.#reader.readBytes,
      bytesBehind: this.#finished ? 0 : this.#folder.behindBytes(),
      problem: first === undefined || others.length === 0 ? first : `${first} (and ${others.length} more)`,
    };
  }

  /** May be asked for once: what was handed on is not handed on again. */
  async *items(signal: AbortSignal): AsyncGenerator<SourceItem, void> {
    if (this.#started) throw new Error(`the source ${this.name} is being read already`);
    this.#started = true;
    const { follow, pollIntervalMs = POLL_INTERVAL_MS, set } = this.#options;
    const wakeup = new Wakeup(signal, pollIntervalMs);
    const startWatch = this.#options.watchDirectory ?? watchDirectory;
    const watch = follow
      ? startWatch(
          set.directory,
          (name) => set.includes(name),
          (folderChanged) => wakeup.notify(folderChanged),
        )
      : undefined;
    try {
      while (!signal.aborted && !this.#finished) {
        try {
          this.#finished = yield* this.#round(wakeup);
        } catch (error) {
          await this.#recover(error, wakeup);
        }
      }
      if (this.#finished) yield { type: 'caught-up' };
    } finally {
      await watch?.close();
    }
  }

  async *#round(wakeup: Wakeup): AsyncGenerator<SourceItem, boolean> {
    const items = this.#reader.round(wakeup);
    try {
      for (;;) {
        const next = await items.next();
        this.#fault = undefined;
        this.#staleListings = 0;
        if (next.done === true) return next.value;
        if (wakeup.aborted) return false;
        yield next.value;
      }
    } finally {
      await items.return(false);
    }
  }

  /** Makes good for a failed round, or passes the error on. */
  async #recover(error: unknown, wakeup: Wakeup): Promise<void> {
    const { follow } = this.#options;
    const path = this.#reader.place;
    if (error instanceof StaleListing) {
      this.#staleListings += 1;
      if (this.#staleListings < STALE_LISTINGS_MAX) return;
      this.#fault = `the files of ${path} are renamed or deleted faster than they can be opened: rotate less often`;
      if (!follow) throw new SourceError('SOURCE_UNSTABLE', path, this.#fault, { cause: error });
    } else if (faultCode(error) === undefined || error instanceof SourceError) {
      throw error;
    } else {
      if (!follow) throw sourceError(error, path);
      this.#fault = describeFault(error, path);
    }
    await wakeup.pause();
  }
}
