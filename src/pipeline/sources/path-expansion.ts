/**
 * One command-line argument to the logs that it names: a file, a folder or a glob.
 */
import { glob } from 'node:fs/promises';
import { basename, dirname, join, matchesGlob, normalize } from 'node:path';
import { isMissing, SourceError, sourceError } from './errors.ts';
import type { FileInfo, FileSystem } from './file-system.ts';
import { listLog } from './log-listing.ts';
import { looksLikeLog, parseLogName } from './log-set.ts';
import { selectionToSet, toSelection, type Selection } from './selection.ts';

const GLOB = /[*?[\]{}]/;

export class PathExpansion {
  readonly #fileSystem: FileSystem;
  readonly #follow: boolean;

  constructor(fileSystem: FileSystem, follow: boolean) {
    this.#fileSystem = fileSystem;
    this.#follow = follow;
  }

  /** The logs that an argument names, or parts of them. */
  async expand(path: string): Promise<Selection[]> {
    let info: FileInfo | undefined;
    try {
      info = await this.info(path);
    } catch (error) {
      // Whoever follows it tries again and again, and says so.
      if (this.#follow) return [toSelection(path)];
      throw error;
    }
    if (info?.kind === 'directory' || (info === undefined && isFolderName(path)))
      return this.#expandFolder(path);
    if (info === undefined && isPattern(path)) return this.#expandPattern(path);
    const selection = toSelection(path);
    if (info === undefined && !this.#follow && !(await this.#holdsFile(selection))) throw notFound(path);
    return [selection];
  }

  async #expandFolder(path: string): Promise<Selection[]> {
    const names = await this.#names(path);
    const bases = new Set(names.filter(isLogName).map((name) => parseLogName(name).base));
    const selections: Selection[] = [];
    for (const base of [...bases].sort()) {
      const selection = {
        name: join(path, base),
        directory: path,
        base,
        whole: true,
        only: new Set<string>(),
      };
      if (await this.#holdsFile(selection)) selections.push(selection);
    }
    if (selections.length > 0) return selections;
    const message = `${path} holds no log: its name must end in .log, .json, .jsonl or .ndjson, or be given itself`;
    throw new SourceError('SOURCE_NOT_FOUND', path, message);
  }

  async #expandPattern(pattern: string): Promise<Selection[]> {
    const selections: Selection[] = [];
    for (const path of (await Array.fromAsync(glob(pattern))).sort()) {
      const info = await this.info(path).catch(() => undefined);
      if (info?.kind !== 'file') continue;
      const directory = dirname(path);
      const { base } = parseLogName(basename(path));
      const name = join(directory, base);
      const whole = matchesGlob(name, normalize(pattern));
      selections.push({ name, directory, base, whole, only: new Set([basename(path)]) });
    }
    if (selections.length === 0) throw notFound(pattern);
    return selections;
  }

  /** Whether something of the log is there: its file, or what rotation left of it. */
  async #holdsFile(selection: Selection): Promise<boolean> {
    try {
      return (await listLog(this.#fileSystem, selectionToSet(selection))).length > 0;
    } catch (error) {
      throw sourceError(error, selection.directory);
    }
  }

  async #names(directory: string): Promise<string[]> {
    try {
      return await this.#fileSystem.names(directory);
    } catch (error) {
      throw sourceError(error, directory);
    }
  }

  /** What stands at a path; undefined where nothing does. */
  async info(path: string): Promise<FileInfo | undefined> {
    try {
      return await this.#fileSystem.info(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw sourceError(error, path);
    }
  }
}

/** Whether a path may be a glob. */
export function isPattern(path: string): boolean {
  return GLOB.test(path);
}

/** Whether a path can only be a folder. */
export function isFolderName(path: string): boolean {
  return path.endsWith('/');
}

/** Whether a file of a folder is, by its name, an audit log or a part of one. */
export function isLogName(name: string): boolean {
  return looksLikeLog(parseLogName(name).base);
}

/** The folders of a pattern in front of the first that is one. */
export function staticPrefix(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex(isPattern);
  const prefix = parts.slice(0, first).join('/');
  return prefix === '' ? (pattern.startsWith('/') ? '/' : '.') : prefix;
}

function notFound(path: string): SourceError {
  const message = `${path} matches no file: check the path and kube-apiserver's --audit-log-path`;
  return new SourceError('SOURCE_NOT_FOUND', path, message);
}
