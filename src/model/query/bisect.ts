/**
 * At which versions fields had given values.
 *
 * Values are compared by their text; a field that is a list of scalars has a value when one of its entries is it. Several
 * fields must hold jointly (joint.ts). A version whose content was not recorded, and a deletion, holds nothing; an interval
 * next to a version of unknown content is `uncertain`: it may have begun earlier, or lasted longer.
 */
import { QueryError } from '../errors.ts';
import { parseFieldPath, type FieldPath } from '../field-path.ts';
import { isArray, type JsonObject, type JsonValue } from '../json.ts';
import { scalarText } from '../list-keys.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatTime } from '../time.ts';
import { formatVersion, type Version } from '../version.ts';
import { API_VERSION, identityOf, isUnknown, originOf, type ObjectIdentity } from './answer.ts';
import { fieldNotFound } from './field-suggestions.ts';
import { holdJointly, JOINT_FIELDS_MAX } from './joint.ts';
import { selectField } from './select.ts';

/** A field and the value it must have. `parameter` is what the asker called the field, for messages. */
export interface BisectPair {
  readonly field: string;
  readonly value: string;
  readonly parameter?: string;
}

/** Consecutive versions at which all pairs held. `to` is the first version after them; null while they still hold. */
export interface BisectInterval {
  readonly from: string;
  readonly to: string | null;
  readonly fromTimestamp: string;
  readonly toTimestamp: string | null;
  /** The version before or after is of unknown content. */
  readonly uncertain?: true;
}

export interface BisectResult {
  readonly kind: 'BisectResult';
  readonly apiVersion: typeof API_VERSION;
  readonly object: ObjectIdentity;
  readonly query: readonly { readonly field: string; readonly value: string }[];
  /** The first version at which all pairs held, and where it comes from; null where they never did. */
  readonly version: string | null;
  readonly timestamp: string | null;
  readonly user: string | null;
  readonly impersonatedBy?: string;
  readonly auditID: string | null;
  readonly intervals: readonly BisectInterval[];
  /** Versions whose content was not recorded: nothing is said of them. Absent where there are none. */
  readonly unknownVersions?: readonly string[];
}

/**
 * The versions at which all pairs held.
 * @throws QueryError FIELD_MALFORMED, FIELD_NOT_FOUND (it occurs in no version), PARAMETER_INVALID (no pairs, or too many)
 */
export function bisect(history: ObjectHistory, pairs: readonly BisectPair[]): BisectResult {
  if (pairs.length === 0 || pairs.length > JOINT_FIELDS_MAX) {
    throw new QueryError(
      'PARAMETER_INVALID',
      `give one to ${JOINT_FIELDS_MAX} pairs of field and value, not ${pairs.length}`,
      { parameter: 'field' },
    );
  }
  const parsed = pairs.map(({ field, value, parameter = 'field' }) => ({
    path: parseFieldPath(field, parameter),
    value,
    parameter,
  }));
  const held = versionsHolding(history, parsed);
  const first = held.indexOf(true);
  const firstVersion = history.versions[first];
  const unknown = history.versions.filter(isUnknown).map(({ number }) => formatVersion(number));
  return {
    kind: 'BisectResult',
    apiVersion: API_VERSION,
    object: identityOf(history.key),
    query: pairs.map(({ field, value }) => ({ field, value })),
    ...(firstVersion === undefined
      ? { version: null, timestamp: null, user: null, auditID: null }
      : originOf(firstVersion)),
    intervals: intervalsOf(history.versions, held),
    ...(unknown.length === 0 ? {} : { unknownVersions: unknown }),
  };
}

interface ParsedPair {
  readonly path: FieldPath;
  readonly value: string;
  readonly parameter: string;
}

function versionsHolding(history: ObjectHistory, pairs: readonly ParsedPair[]): boolean[] {
  const occurs = pairs.map(() => false);
  const known = new Map<JsonObject, boolean>();
  const held = history.versions.map(({ content }) => {
    if (content === undefined) return false;
    const before = known.get(content);
    if (before !== undefined) return before;
    const holds = holdJointly(
      pairs.map(({ path, value }, index) => {
        const occurrences = selectField(content, path);
        if (occurrences.length > 0) occurs[index] = true;
        return occurrences.filter((found) => hasValue(found.value, value)).map(({ location }) => location);
      }),
    );
    known.set(content, holds);
    return holds;
  });
  const missing = pairs[occurs.indexOf(false)];
  if (missing !== undefined) throw fieldNotFound(history, missing.path, missing.parameter);
  return held;
}

function hasValue(actual: JsonValue, text: string): boolean {
  if (isArray(actual)) return actual.some((entry) => scalarText(entry) === text);
  return scalarText(actual) === text;
}

function intervalsOf(versions: readonly Version[], held: readonly boolean[]): BisectInterval[] {
  const intervals: BisectInterval[] = [];
  for (let start = held.indexOf(true); start !== -1;) {
    const from = versions[start];
    if (from === undefined) break;
    const end = held.indexOf(false, start);
    const to = end === -1 ? undefined : versions[end];
    const before = versions[start - 1];
    const uncertain = [before, to].some((neighbour) => neighbour !== undefined && isUnknown(neighbour));
    intervals.push({
      from: formatVersion(from.number),
      to: to === undefined ? null : formatVersion(to.number),
      fromTimestamp: formatTime(from.timestamp),
      toTimestamp: to === undefined ? null : formatTime(to.timestamp),
      ...(uncertain ? { uncertain: true } : {}),
    });
    start = end === -1 ? -1 : held.indexOf(true, end);
  }
  return intervals;
}
