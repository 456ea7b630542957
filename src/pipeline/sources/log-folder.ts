/**
 * One log as it stands in its folder: which of its files are dealt with, which are not, and what is wrong with them.
 */
import { join } from 'node:path';
import { describeFault, isForbidden, isMissing } from './errors.ts';
import type { FileInfo, FileSystem, OpenFile } from './file-system.ts';
import { Ledger } from './ledger.ts';
import { listLog, listLogNow, type LogFile, type LogSet } from './log-listing.ts';

/** The file of a listing is gone, or its name is another file's by now: look again. */
export class StaleListing extends Error {}

export interface LogFolderOptions {
  readonly set: LogSet;
  readonly follow: boolean;
  readonly fileSystem: FileSystem;
}

export interface Opened {
  readonly file: LogFile;
  readonly handle: OpenFile;
}

/** The file that is being read, or was when reading failed. */
export interface Held {
  readonly id: string;
  readonly handle: OpenFile;
  /** How many of its bytes were used. */
  readonly usedBytes: () => number;
}

export class LogFolder {
  readonly #options: LogFolderOptions;
  readonly #troubles = new Map<string, string>();
  #trouble: string | undefined;
  readonly ledger = new Ledger();
  /** Copies of the file that is held: not read, and not behind either. */
  readonly shadows = new Set<string>();
  held: Held | undefined;

  constructor(options: LogFolderOptions) {
    this.#options = options;
  }

  get livePath(): string {
    return join(this.#options.set.directory, this.#options.set.base);
  }

  /** What is wrong, in words; that of the log as a whole first. */
  get troubles(): readonly string[] {
    return this.#trouble === undefined
      ? [...this.#troubles.values()]
      : [this.#trouble, ...this.#troubles.values()];
  }

  /** Something is wrong with the log as a whole, until a listing succeeds. */
  report(trouble: string): void {
    this.#trouble = trouble;
  }

  /** Something is wrong with one file, until it is opened anew or gone. */
  reportFile(file: LogFile, trouble: string): void {
    this.#troubles.set(file.name, trouble);
  }

  /** Bytes on disk that were not handed on. Looks at the disk. */
  behindBytes(): number {
    let files: readonly LogFile[] = [];
    try {
      files = listLogNow(this.#options.fileSystem, this.#options.set);
    } catch {
      // Whoever reads the log meets the same fault and says so.
    }
    const held = this.held;
    let behind = 0;
    // By its name where it still has one, as of now also after it was closed.
    const heldInfo = files.find(({ info }) => info.id === held?.id)?.info;
    if (held !== undefined)
      behind += Math.max(0, (heldInfo?.sizeBytes ?? sizeNow(held.handle)) - held.usedBytes());
    for (const { info } of files) {
      if (info.id !== held?.id && !this.shadows.has(info.id)) behind += this.ledger.pendingBytes(info);
    }
    return behind;
  }

  /** The log's files, oldest first. */
  async list(): Promise<LogFile[]> {
    const { fileSystem, follow, set } = this.#options;
    let files: LogFile[];
    try {
      files = await listLog(fileSystem, set);
      this.#trouble = undefined;
    } catch (error) {
      // A folder may let a file be opened by its name and yet not be listed.
      if (!follow || !set.live || !isForbidden(error)) throw error;
      const info = await this.liveInfo();
      if (info === undefined) throw error;
      files = [{ name: set.base, path: this.livePath, info, closed: false }];
      this.#trouble = `${describeFault(error, set.directory)}; rotated files in it are not read`;
    }
    this.ledger.keepOnly(files.map((file) => file.info));
    const names = new Set(files.map((file) => file.name));
    for (const name of this.#troubles.keys()) if (!names.has(name)) this.#troubles.delete(name);
    return files;
  }

  /** What stands under the base's name. */
  async liveInfo(): Promise<FileInfo | undefined> {
    try {
      return await this.#options.fileSystem.info(this.livePath);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /**
   * Opens a listed file. One that may not be read is left for later and does not hold up the rest.
   * @returns undefined where it may not be read, which only a log that is followed puts up with
   * @throws StaleListing
   */
  async open(file: LogFile): Promise<OpenFile | undefined> {
    let handle: OpenFile;
    try {
      handle = await this.#options.fileSystem.open(file.path);
    } catch (error) {
      if (isMissing(error)) throw new StaleListing();
      if (!this.#options.follow || !isForbidden(error)) throw error;
      this.reportFile(file, describeFault(error, file.path));
      return undefined;
    }
    try {
      if ((await handle.info()).id !== file.info.id) throw new StaleListing();
    } catch (error) {
      await closeQuietly(handle);
      throw error;
    }
    this.#troubles.delete(file.name);
    return handle;
  }

  /** The oldest file that is not dealt with and can be opened; `blocked` where there are only ones that cannot. */
  async openNext(files: readonly LogFile[]): Promise<Opened | 'blocked' | undefined> {
    let blocked = false;
    for (const file of files) {
      if (this.ledger.isSeen(file.info)) continue;
      const handle = await this.open(file);
      if (handle !== undefined) return { file, handle };
      blocked = true;
    }
    return blocked ? 'blocked' : undefined;
  }

  /** Whether there is something to read that was written before the file: a copy of it, from before it was truncated. */
  async hasPredecessor(id: string): Promise<boolean> {
    const files = await this.list();
    return files
      .slice(
        0,
        Math.max(
          0,
          files.findIndex((file) => file.info.id === id),
        ),
      )
      .some(({ info, name }) => info.sizeBytes > 0 && !this.ledger.isSeen(info) && !this.#troubles.has(name));
  }

  /** Whether the file has successors that hold something: then whoever writes the log has moved on. */
  async hasSuccessor(id: string): Promise<boolean> {
    if (this.#options.set.live && (await this.liveInfo())?.id === id) return false;
    const files = await this.list();
    // Where it is not in the set any more (deleted, compressed), whatever there is to read came after it.
    const place = files.findIndex((file) => file.info.id === id);
    return files
      .slice(place + 1)
      .some(({ info }) => info.id !== id && info.sizeBytes > 0 && !this.ledger.isSeen(info));
  }
}

/** How long a file is that was deleted while it was read; no bytes of it are left once it is closed. */
function sizeNow(handle: OpenFile): number {
  try {
    return handle.infoNow().sizeBytes;
  } catch {
    return 0;
  }
}

/** Nothing was written: what closing could fail with concerns nobody. */
export async function closeQuietly(handle: OpenFile): Promise<void> {
  await handle.close().catch(() => undefined);
}
