/** A version's content, for questions that cannot do without one. */
import { QueryError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatVersion, type Version } from '../version.ts';
import { isUnknown } from './answer.ts';

/**
 * What the object held at this version; an object that is gone, or not there yet (undefined), holds nothing.
 * @throws QueryError CONTENT_UNKNOWN where the content was not recorded
 */
export function contentAt(
  history: ObjectHistory,
  version: Version | undefined,
  parameter: string,
): JsonObject {
  if (version?.content !== undefined) return version.content;
  if (version === undefined || version.deleted) return {};
  throw contentUnknown(history, version, parameter);
}

/** The error for a version whose content was not recorded; names the nearest versions that would do. */
export function contentUnknown(
  history: ObjectHistory,
  version: Version,
  parameter: string,
  wouldDo: (other: Version) => boolean = (other) => !isUnknown(other),
): QueryError {
  const before = history.versions.slice(0, version.number - 1).findLast(wouldDo);
  const after = history.versions.slice(version.number).find(wouldDo);
  const known = [before, after].flatMap((other) =>
    other === undefined ? [] : [formatVersion(other.number)],
  );
  const advice = known.length === 0 ? 'no version of it has one' : `ask for ${known.join(' or ')}`;
  return new QueryError(
    'CONTENT_UNKNOWN',
    `the audit log does not hold the content of ${formatVersion(version.number)} ` +
      `(the audit policy recorded no body, or the base of a patch is missing): ${advice}`,
    { parameter, candidates: known },
  );
}
