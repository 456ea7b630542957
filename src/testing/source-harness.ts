/**
 * Drives a source step by step: no test waits for time to pass, only for items.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { WatchDirectory } from '../pipeline/sources/directory-watch.ts';
import type { FileSystem } from '../pipeline/sources/file-system.ts';
import { FileSource } from '../pipeline/sources/file-source.ts';
import { selectionToSet, toSelection } from '../pipeline/sources/selection.ts';
import type { Source, SourceItem } from '../pipeline/sources/source.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeprovenance-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** So long that a test which waited for it would be killed. */
const NEVER_MS = 2_000_000_000;

/** A source that hears of changes only by `consumer.drain()`. */
export function driveLog(
  path: string,
  options: {
    readonly follow?: boolean;
    readonly chunkBytes?: number;
    readonly pollIntervalMs?: number;
    readonly fileSystem?: FileSystem;
  } = {},
): Consumer {
  let poke = (): void => undefined;
  const watchDirectory: WatchDirectory = (_directory, _includes, changed) => {
    poke = () => changed(true);
    return { close: async () => undefined };
  };
  const source = new FileSource({
    follow: true,
    pollIntervalMs: NEVER_MS,
    ...options,
    name: path,
    set: selectionToSet({ ...toSelection(path), directory: dirname(path), name: basename(path) }),
    watchDirectory,
  });
  return new Consumer(source, () => poke());
}

/**
 * Takes items as the line stage would: what stands behind the last newline at a torn end is thrown away.
 */
export class Consumer {
  readonly source: Source;
  readonly #abort = new AbortController();
  readonly #items: AsyncIterator<SourceItem>;
  readonly #poke: () => void;
  #last: SourceItem | undefined;
  #whole = '';
  #current = '';
  #currentFile: string | undefined;
  #nextOffset: number | undefined;
  /** `audit.log`, `audit.log (torn)`: the ends, in order. */
  readonly ends: string[] = [];
  readonly chunkSizes: number[] = [];

  constructor(source: Source, poke: () => void = () => undefined) {
    this.source = source;
    this.#items = source.items(this.#abort.signal)[Symbol.asyncIterator]();
    this.#poke = poke;
  }

  /** All content that was handed on. */
  get text(): string {
    return this.#whole + this.#current;
  }

  get waits(): boolean {
    return this.#last?.type === 'caught-up';
  }

  /** Lets the source know that something changed, and takes items until it is caught up or ends. */
  async drain(): Promise<this> {
    this.poke();
    for (;;) {
      const item = await this.take();
      if (item === undefined || item.type === 'caught-up') return this;
    }
  }

  /** Lets the source know that something changed. */
  poke(): void {
    if (this.waits) this.#poke();
  }

  /** The next item; undefined at the end of the iteration. */
  async take(): Promise<SourceItem | undefined> {
    const next = await this.#items.next();
    if (next.done === true) return undefined;
    this.#last = next.value;
    this.#account(next.value);
    return next.value;
  }

  abort(): void {
    this.#abort.abort();
  }

  async stop(): Promise<void> {
    this.abort();
    await this.#items.return?.();
  }

  #account(item: SourceItem): void {
    if (item.type === 'bytes') {
      if (this.#currentFile !== undefined && this.#currentFile !== item.file) {
        throw new Error(`${item.file} begins before ${this.#currentFile} ends`);
      }
      if (this.#nextOffset !== undefined && this.#nextOffset !== item.offset) {
        throw new Error(`${item.file} goes on at ${item.offset} instead of ${this.#nextOffset}`);
      }
      this.#currentFile = item.file;
      this.#nextOffset = item.offset + item.bytes.length;
      this.#current += item.bytes.toString('latin1');
      this.chunkSizes.push(item.bytes.length);
    } else if (item.type === 'end') {
      if (this.#currentFile !== item.file) throw new Error(`${item.file} ends without having begun`);
      this.#whole += item.torn ? this.#current.slice(0, this.#current.lastIndexOf('\n') + 1) : this.#current;
      this.#current = '';
      this.#currentFile = undefined;
      this.#nextOffset = undefined;
      this.ends.push(item.torn ? `${item.file} (torn)` : item.file);
    }
  }
}

/** `count` lines of about 100 bytes, unlike all other lines of other `from`. */
export function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => line(from + i)).join('');
}

function line(number: number): string {
  return `{"auditID":"${String(number).padStart(8, '0')}","requestURI":"/api/v1/namespaces/payments/configmaps/${number}"}\n`;
}
