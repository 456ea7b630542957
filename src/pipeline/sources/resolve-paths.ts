/**
 * Command-line arguments to sources.
 *
 *   -              standard input
 *   a file         the log with its rotated backups; a backup or an archive whose log is not given stands alone
 *   a folder       every log in it (not in folders below it)
 *   a glob         every log whose base it matches, with all its backups; of other logs, the backups it matches
 *   a named pipe   is read like standard input
 * A log that several arguments reach is one source, and so is one that has several names by links.
 *
 * Folders and globs are looked at again where sources follow, for logs that come later.
 */
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { watchDirectory, type DirectoryWatch, type WatchDirectory } from './directory-watch.ts';
import { SourceError } from './errors.ts';
import { FileSource, POLL_INTERVAL_MS } from './file-source.ts';
import { nodeFileSystem, type FileSystem } from './file-system.ts';
import { isFolderName, isLogName, isPattern, PathExpansion, staticPrefix } from './path-expansion.ts';
import { mergeSelections, selectionToSet, type Selection } from './selection.ts';
import type { Source } from './source.ts';
import { stdinSource, StreamSource } from './stdin-source.ts';
import { Wakeup } from './wakeup.ts';

export interface ResolveOptions {
  /** Whether sources wait for more, and for files that do not exist yet. */
  readonly follow: boolean;
  /** 1 MiB by default. */
  readonly chunkBytes?: number | undefined;
  /** 1000 by default. */
  readonly pollIntervalMs?: number | undefined;
  readonly fileSystem?: FileSystem | undefined;
  readonly watchDirectory?: WatchDirectory | undefined;
}

/** The sources of some arguments, now and later. */
export interface Discovery {
  /** Those that are there from the beginning, in the order of the arguments. */
  readonly sources: readonly Source[];
  /** Those that come later, as logs appear in folders and globs, until `signal` aborts. Ends at once without `follow`. */
  added(signal: AbortSignal): AsyncIterable<Source>;
  /** What is wrong with folders and globs, in words: those that hold no log yet, or cannot be looked at. */
  problems(): readonly string[];
}

/**
 * The sources that the arguments name now.
 * @throws SourceError where an argument names nothing (in follow mode only files may be yet to come)
 */
export async function resolveSources(paths: readonly string[], options: ResolveOptions): Promise<Source[]> {
  const { sources } = await discoverSources(paths, options);
  return [...sources];
}

/**
 * The sources that the arguments name, now and later.
 * @throws SourceError where an argument names nothing, unless sources follow
 */
export async function discoverSources(paths: readonly string[], options: ResolveOptions): Promise<Discovery> {
  const discovery = new PathDiscovery(paths, options);
  await discovery.begin();
  return discovery;
}

class PathDiscovery implements Discovery {
  readonly #paths: readonly string[];
  readonly #options: ResolveOptions;
  readonly #expansion: PathExpansion;
  /** Every place, pipe or `-` that some source covers. */
  readonly #covered = new Set<string>();
  #sources: readonly Source[] = [];
  #problems: readonly string[] = [];

  constructor(paths: readonly string[], options: ResolveOptions) {
    this.#paths = paths;
    this.#options = options;
    this.#expansion = new PathExpansion(options.fileSystem ?? nodeFileSystem, options.follow);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  problems(): readonly string[] {
    return this.#problems;
  }

  async begin(): Promise<void> {
    this.#sources = await this.#newSources(this.#paths);
  }

  async *added(signal: AbortSignal): AsyncGenerator<Source, void> {
    const open = this.#options.follow ? await this.#openEnded() : [];
    if (open.length === 0) return;
    const wakeup = new Wakeup(signal, this.#options.pollIntervalMs ?? POLL_INTERVAL_MS);
    const watches = this.#watch(open, wakeup);
    try {
      while (!signal.aborted) {
        for (const source of await this.#newSources(open)) {
          if (signal.aborted) return;
          yield source;
        }
        await wakeup.wait();
      }
    } finally {
      await Promise.all(watches.map(async (watch) => watch.close()));
    }
  }

  /** The arguments that may come to name more than they do. */
  async #openEnded(): Promise<string[]> {
    const open: string[] = [];
    for (const path of this.#paths) {
      const info = await this.#expansion.info(path).catch(() => undefined);
      if (info === undefined ? isPattern(path) || isFolderName(path) : info.kind === 'directory')
        open.push(path);
    }
    return open;
  }

  #watch(paths: readonly string[], wakeup: Wakeup): DirectoryWatch[] {
    const start = this.#options.watchDirectory ?? watchDirectory;
    const folders = new Set(paths.map((path) => (isPattern(path) ? staticPrefix(path) : path)));
    // Only what is new matters, and of that there is little.
    return [...folders].map((folder) =>
      start(folder, isLogName, (changed) => changed && wakeup.notify(true)),
    );
  }

  async #newSources(paths: readonly string[]): Promise<Source[]> {
    const selections = new Map<string, Selection>();
    const aliases = new Map<string, string>();
    const streams: Source[] = [];
    const problems: string[] = [];
    for (const path of paths) {
      try {
        const stream = await this.#toStream(path);
        if (stream !== undefined) streams.push(...stream);
        else
          for (const selection of await this.#expansion.expand(path))
            await this.#select(selection, selections, aliases);
      } catch (error) {
        if (!(error instanceof SourceError) || !this.#options.follow) throw error;
        problems.push(error.message);
      }
    }
    this.#problems = problems;
    return [...streams, ...[...selections.values()].map((selection) => this.#fileSource(selection))];
  }

  /** The source of `-` or of a named pipe, none where it is given for a second time; undefined for any other path. */
  async #toStream(path: string): Promise<Source[] | undefined> {
    const { chunkBytes, follow, pollIntervalMs } = this.#options;
    const options = { chunkBytes, follow, pollIntervalMs };
    if (path === '-') return this.#cover('-') ? [stdinSource(options)] : [];
    const info = await this.#expansion.info(path).catch(() => undefined);
    if (info?.kind !== 'stream') return undefined;
    const open = (): Readable => createReadStream(path);
    return this.#cover(info.id) ? [new StreamSource({ ...options, name: path, open })] : [];
  }

  /** Adds a selection to those of the same log, by whatever path it was reached. */
  async #select(
    selection: Selection,
    all: Map<string, Selection>,
    aliases: Map<string, string>,
  ): Promise<void> {
    const { base, directory, whole } = selection;
    const place = join(await realpath(directory).catch(() => resolve(directory)), base);
    const other = all.get(place);
    if (other !== undefined) {
      all.set(place, mergeSelections(other, selection));
      return;
    }
    if (!this.#cover(place)) return;
    const live = whole ? await this.#expansion.info(join(directory, base)).catch(() => undefined) : undefined;
    // Another name, by a link, of a file that is followed already.
    if (live !== undefined && aliases.has(live.id)) return;
    if (live !== undefined) aliases.set(live.id, place);
    all.set(place, selection);
  }

  /** @returns whether it was not covered before */
  #cover(place: string): boolean {
    const isNew = !this.#covered.has(place);
    this.#covered.add(place);
    return isNew;
  }

  #fileSource(selection: Selection): Source {
    return new FileSource({ ...this.#options, name: selection.name, set: selectionToSet(selection) });
  }
}
