/**
 * Names: which files of a folder are one log, and in which order they were written.
 *
 *   audit.log                                     the base, which is being written
 *   audit-2026-11-22T14-21-19.278.log             lumberjack (kube-apiserver itself): UTC time of the rotation
 *   audit.log.1                                   logrotate: the bigger the number, the older
 *   audit.log-20261122, audit.log-20261122-1763820079, 0.log.20261122-142119
 *                                                 logrotate's dateext, with its %s; the kubelet's container logs
 * each also with .gz or .zst behind it, and the base itself, compressed by hand.
 */

/** What a file's name says. */
export interface LogName {
  /** The name of the log: that of the file which is written to. */
  readonly base: string;
  /** Whether the name is one that rotation gives, or the base's own. */
  readonly rotated: boolean;
  /** The name less a compression suffix. */
  readonly plain: string;
  readonly compressed: boolean;
  /** Whether nobody writes to a file of this name: lumberjack closes before it renames, logrotate does not. */
  readonly closed: boolean;
  /** Sorts the files of one log, oldest first. */
  readonly rank: readonly [scheme: number, key: string];
}

const COMPRESSION_SUFFIX = /\.(?:gz|zst|zstd|bz2|xz)$/;
const DAY = '(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';
const LUMBERJACK = /^(.+)-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3})(\.[^.]+)?$/;
const NUMBERED = /^(.+)\.(\d{1,6})$/;
const DATED = new RegExp(`^(.+)[-.](${DAY}(?:\\d{2}){0,3})(?:-(\\d{6}|\\d{9,12}))?$`);
const LOG_EXTENSION = /\.(?:log|json|jsonl|ndjson)$/;

/** Stamps sort before numbers: where a log has both, its rotation was changed, and nothing in the names says when. */
const STAMPED = 0;
const COUNTED = 1;
const BASE_COMPRESSED = 2;
const BASE = 3;
const STAMP_DIGITS = 17;
const NUMBER_DIGITS = 12;

/** Reads a file's name. Every name belongs to some log: one that no rotation gives is a base itself. */
export function parseLogName(name: string): LogName {
  const plain = name.replace(COMPRESSION_SUFFIX, '');
  const compressed = plain !== name;

  // First, as its milliseconds look like logrotate's number where the base has no extension.
  const lumberjack = LUMBERJACK.exec(plain);
  if (lumberjack !== null) {
    const [, stem = '', time = '', extension = ''] = lumberjack;
    const rank = [STAMPED, stampKey(time.replaceAll(/\D/g, ''), '')] as const;
    return { base: stem + extension, rotated: true, plain, compressed, closed: true, rank };
  }
  const dated = DATED.exec(plain);
  if (dated !== null) {
    const [, base = '', day = '', suffix = ''] = dated;
    // Six digits are a time of day, more are seconds since 1970.
    const rank = [STAMPED, suffix.length === 6 ? stampKey(day + suffix, '') : stampKey(day, suffix)] as const;
    return { base, rotated: true, plain, compressed, closed: compressed, rank };
  }
  const numbered = NUMBERED.exec(plain);
  if (numbered !== null) {
    const [, base = '', number = ''] = numbered;
    const age = 10 ** NUMBER_DIGITS - 1 - Number(number);
    const rank = [COUNTED, String(age).padStart(NUMBER_DIGITS, '0')] as const;
    return { base, rotated: true, plain, compressed, closed: compressed, rank };
  }
  const rank = [compressed ? BASE_COMPRESSED : BASE, ''] as const;
  return { base: plain, rotated: false, plain, compressed, closed: compressed, rank };
}

function stampKey(digits: string, seconds: string): string {
  return digits.padEnd(STAMP_DIGITS, '0') + seconds.padStart(NUMBER_DIGITS, '0');
}

/** Whether a folder's file of this base is taken for an audit log. */
export function looksLikeLog(base: string): boolean {
  return LOG_EXTENSION.test(base);
}

/**
 * Orders the names of one log, oldest first, the live file last. Where a file stands there both plain and compressed
 * the compression is not finished: the plain one is taken.
 */
export function orderNames(names: readonly string[]): LogMember[] {
  const members = new Map<string, LogMember>();
  for (const name of names) {
    const parsed = parseLogName(name);
    const rival = members.get(parsed.plain);
    // Among two archives of one file any is as good: the first by name, so that every look gives the same.
    if (rival !== undefined && parsed.compressed && (!rival.parsed.compressed || rival.name < name)) continue;
    members.set(parsed.plain, { name, parsed });
  }
  return [...members.values()].sort(byRank);
}

export interface LogMember {
  readonly name: string;
  readonly parsed: LogName;
}

function byRank(a: LogMember, b: LogMember): number {
  const [schemeA, keyA] = a.parsed.rank;
  const [schemeB, keyB] = b.parsed.rank;
  if (schemeA !== schemeB) return schemeA - schemeB;
  if (keyA !== keyB) return keyA < keyB ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
