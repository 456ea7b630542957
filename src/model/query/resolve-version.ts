/**
 * Which version a text means: `v3`, `3`, `first`, `latest`, or a time, which means the newest version at or before it.
 * Versions are in the order of their writes; where their clocks disagree, the newest is the one with the highest number.
 */
import { QueryError } from '../errors.ts';
import { describeObject } from '../object-key.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatTime, parseTimeOrAgo, type Micros } from '../time.ts';
import type { Version } from '../version.ts';
import { describeVersions } from './answer.ts';
import { plusHint, TIME_FORMS } from './time-parameter.ts';

/** Two versions to be compared; `start` is undefined before the creation. */
export interface VersionRange {
  readonly start: Version | undefined;
  readonly end: Version;
}

/**
 * The version a text means.
 * @param parameter what the asker called it, for messages
 * @throws QueryError VERSION_NOT_FOUND, VERSION_MALFORMED or TIME_BEFORE_HISTORY
 */
export function resolveVersion(
  history: ObjectHistory,
  text: string,
  now: Micros,
  parameter = 'version',
): Version {
  if (text === 'latest') return at(history, history.versions.length, text, parameter);
  if (text === 'first') return at(history, 1, text, parameter);
  const number = /^[vV]?(\d+)$/.exec(text)?.[1];
  if (number !== undefined) return at(history, Number(number), text, parameter);
  const time = parseTimeOrAgo(text, now);
  if (time !== undefined) return newestAt(history, time, parameter);
  throw new QueryError(
    'VERSION_MALFORMED',
    `${parameter} "${text}" is no version: give v1, 1, first or latest, or ${TIME_FORMS}${plusHint(text)}`,
    { parameter },
  );
}

/**
 * The two versions that a diff compares: by default the latest with the one before it.
 * @throws QueryError as resolveVersion does
 */
export function resolveRange(
  history: ObjectHistory,
  texts: { readonly start?: string | undefined; readonly end?: string | undefined },
  now: Micros,
): VersionRange {
  const end = resolveVersion(history, texts.end ?? 'latest', now, 'end');
  const start =
    texts.start === undefined
      ? history.versions[end.number - 2]
      : resolveVersion(history, texts.start, now, 'start');
  return { start, end };
}

function at(history: ObjectHistory, number: number, text: string, parameter: string): Version {
  const version = history.versions[number - 1];
  if (version !== undefined) return version;
  throw new QueryError(
    'VERSION_NOT_FOUND',
    `${parameter} "${text}" is unknown: ${describeObject(history.key)} has ${describeVersions(history)}`,
    { parameter },
  );
}

function newestAt(history: ObjectHistory, time: Micros, parameter: string): Version {
  const version = history.versions.findLast(({ timestamp }) => timestamp <= time);
  if (version !== undefined) return version;
  const earliest = history.versions.reduce(
    (least, { timestamp }) => (timestamp < least ? timestamp : least),
    history.versions[0]?.timestamp ?? time,
  );
  throw new QueryError(
    'TIME_BEFORE_HISTORY',
    `${parameter} is before anything that is known of ${describeObject(history.key)}: its history starts at ` +
      formatTime(earliest),
    { parameter },
  );
}
