/**
 * The real file system, with faults put in and open files counted.
 */
import { basename } from 'node:path';
import {
  nodeFileSystem,
  type FileInfo,
  type FileSystem,
  type OpenFile,
} from '../pipeline/sources/file-system.ts';

type Call = 'open' | 'info' | 'names' | 'listed' | 'read';

interface Fault {
  readonly call: Call;
  readonly name: string;
  readonly act: () => void;
  times: number;
}

export class FaultyFileSystem implements FileSystem {
  readonly #faults: Fault[] = [];
  #openFiles = 0;
  #calls = 0;

  /** Files that were opened and not closed. */
  get openFiles(): number {
    return this.#openFiles;
  }

  /** How often anything was asked of it. */
  get calls(): number {
    return this.#calls;
  }

  /** The next `times` calls for a file of this name fail with `code`. */
  fail(call: Call, name: string, code: string, times = 1): void {
    const act = (): never => {
      throw Object.assign(new Error(`${code}: made up, ${call} '${name}'`), { code });
    };
    this.#faults.push({ call, name, act, times });
  }

  /** Before the next call for a file of this name (`listed`: after its names were read) somebody else does something. */
  before(call: Call, name: string, act: () => void): void {
    this.#faults.push({ call, name, act, times: 1 });
  }

  async open(path: string): Promise<OpenFile> {
    this.#meet('open', path);
    const file = await nodeFileSystem.open(path);
    this.#openFiles += 1;
    return {
      read: async (into, position) => {
        this.#meet('read', path);
        return file.read(into, position);
      },
      info: async () => file.info(),
      infoNow: () => file.infoNow(),
      close: async () => {
        this.#openFiles -= 1;
        await file.close();
      },
    };
  }

  async info(path: string): Promise<FileInfo> {
    this.#meet('info', path);
    return nodeFileSystem.info(path);
  }

  infoNow(path: string): FileInfo {
    this.#meet('info', path);
    return nodeFileSystem.infoNow(path);
  }

  async names(directory: string): Promise<string[]> {
    this.#meet('names', directory);
    const names = await nodeFileSystem.names(directory);
    this.#meet('listed', directory);
    return names;
  }

  namesNow(directory: string): string[] {
    this.#meet('names', directory);
    return nodeFileSystem.namesNow(directory);
  }

  #meet(call: Call, path: string): void {
    this.#calls += 1;
    const fault = this.#faults.find(
      (one) => one.times > 0 && one.call === call && one.name === basename(path),
    );
    if (fault === undefined) return;
    fault.times -= 1;
    fault.act();
  }
}
