/**
 * Which files of one folder are asked for as one log: all of them, or only some backups.
 */
import { basename, dirname, join } from 'node:path';
import type { LogSet } from './log-listing.ts';
import { parseLogName } from './log-set.ts';

export interface Selection {
  /** What the source is called. */
  readonly name: string;
  readonly directory: string;
  readonly base: string;
  /** Whether the log itself is asked for, with whatever backups it has and will have. */
  readonly whole: boolean;
  /** Where it is not, the names of the backups that are. */
  readonly only: ReadonlySet<string>;
}

/** What the path of a file asks for. */
export function toSelection(path: string): Selection {
  const name = basename(path);
  const { base, compressed, rotated } = parseLogName(name);
  return {
    name: path,
    directory: dirname(path),
    base,
    whole: !rotated && !compressed,
    only: new Set([name]),
  };
}

/** What two selections of one log ask for together. */
export function mergeSelections(a: Selection, b: Selection): Selection {
  const only = new Set([...a.only, ...b.only]);
  if (a.whole || b.whole) return { ...(a.whole ? a : b), only };
  return { ...a, name: only.size === 1 ? a.name : join(a.directory, a.base), only };
}

/** The files that a selection covers, also those that come later. */
export function selectionToSet({ base, directory, only, whole }: Selection): LogSet {
  return {
    base,
    directory,
    live: whole,
    includes(name) {
      const parsed = parseLogName(name);
      // A backup that was asked for may be compressed before it is read.
      return parsed.base === base && (whole || only.has(name) || only.has(parsed.plain));
    },
  };
}
