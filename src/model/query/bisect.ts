/**
 * At which versions fields had given values.
 *
 * Values are compared by their text; a field that is a list of scalars has a value when one of its entries is it. Several
 * fields must hold jointly (joint.ts). A deletion holds nothing. Of a version whose content was not recorded, or not
 * all of it, it can be unknown whether they held: an interval next to one is `uncertain`, it may have begun earlier, or
 * lasted longer. So is one that begins where an object was first seen, and then nobody is credited with it.
 */
import { QueryError } from '../errors.ts';
import { bareName, parseFieldPath, type FieldPath } from '../field-path.ts';
import { isArray, type JsonObject, type JsonValue } from '../json.ts';
import { scalarText } from '../list-keys.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatTime } from '../time.ts';
import { formatVersion, isComplete, isCreation, type Version } from '../version.ts';
import { API_VERSION, identityOf, originOf, type ObjectIdentity } from './answer.ts';
import { fieldNotFound } from './field-suggestions.ts';
import { holdJointly, JOINT_FIELDS_MAX } from './joint.ts';
import { selectField, type Occurrence } from './select.ts';

/** A field and the value it must have. `parameter` is what the asker called the field, for messages. */
export interface BisectPair {
  readonly field: string;
  readonly value: string;
  readonly parameter?: string;
}

/** Consecutive versions at which all pairs held. `to` is the first version after them; null while they still hold. */
export interface BisectInterval {
  /** The first version at which the pairs held. */
  readonly from: string;
  /** The first version after it at which they did not; null while they still hold. */
  readonly to: string | null;
  /** When that version was made. */
  readonly fromTimestamp: string;
  /** When that version was made; null while the pairs still hold. */
  readonly toTimestamp: string | null;
  /** It may have begun earlier or lasted longer: what is before or after it was not recorded, or not all of it. */
  readonly uncertain?: true;
}

/** The versions at which fields of an object had given values. */
export interface BisectResult {
  readonly kind: 'BisectResult';
  readonly apiVersion: typeof API_VERSION;
  /** The object that was asked about. */
  readonly object: ObjectIdentity;
  /** The pairs of field and value, as asked. */
  readonly query: readonly { readonly field: string; readonly value: string }[];
  /**
   * The first version at which all pairs held, and where it comes from; null where they never did. `user` and `auditID`
   * alone are null where the object was first seen at it: that write did not make them hold.
   */
  readonly version: string | null;
  /** When that version was made; null where the pairs never held. */
  readonly timestamp: string | null;
  /** Who made that version; null where that is not proved. */
  readonly user: string | null;
  /** The authenticated user, where that is another. */
  readonly impersonatedBy?: string;
  /** The audit ID of the request that made it; null where that is not proved. */
  readonly auditID: string | null;
  /** When the pairs held, the oldest interval first. */
  readonly intervals: readonly BisectInterval[];
  /** Versions that may have held the pairs: too little of their content was recorded. Absent where there are none. */
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
  const unknown = history.versions
    .filter((_, index) => held[index] === undefined)
    .map(({ number }) => formatVersion(number));
  return {
    kind: 'BisectResult',
    apiVersion: API_VERSION,
    object: identityOf(history.key),
    query: pairs.map(({ field, value }) => ({ field, value })),
    ...firstOf(history.versions[first]),
    intervals: intervalsOf(history.versions, held),
    ...(unknown.length === 0 ? {} : { unknownVersions: unknown }),
  };
}

interface ParsedPair {
  readonly path: FieldPath;
  readonly value: string;
  readonly parameter: string;
}

function firstOf(
  version: Version | undefined,
): Pick<BisectResult, 'version' | 'timestamp' | 'user' | 'impersonatedBy' | 'auditID'> {
  if (version === undefined) return { version: null, timestamp: null, user: null, auditID: null };
  const origin = originOf(version);
  if (!isFirstSeen(version)) return origin;
  return { version: origin.version, timestamp: origin.timestamp, user: null, auditID: null };
}

/** Whether what the version holds may be older than it. */
function isFirstSeen(version: Version): boolean {
  return version.created && !isCreation(version);
}

/** Whether the pairs hold; undefined where it is not known. */
type Held = boolean | undefined;

function versionsHolding(history: ObjectHistory, pairs: readonly ParsedPair[]): Held[] {
  const occurs = pairs.map(() => false);
  const known = new Map<JsonObject, { readonly holds: boolean; readonly contradicts: boolean }>();
  const heldIn = (content: JsonObject) => {
    const found = pairs.map(({ path }) => selectField(content, path));
    found.forEach((occurrences, index) => {
      if (occurrences.length > 0) occurs[index] = true;
    });
    const places = found.map((occurrences, index) =>
      occurrences
        .filter(({ value }) => hasValue(value, pairs[index]?.value ?? ''))
        .map(({ location }) => location),
    );
    const contradicts = pairs.some(
      ({ path }, index) => places[index]?.length === 0 && isOnlyPlace(path, found[index] ?? []),
    );
    return { holds: holdJointly(places), contradicts };
  };
  const held = history.versions.map((version): Held => {
    const { content, deleted } = version;
    if (content === undefined) return deleted ? false : undefined;
    const answer = known.get(content) ?? heldIn(content);
    known.set(content, answer);
    if (answer.holds) return true;
    return isComplete(version) || answer.contradicts ? false : undefined;
  });
  const missing = pairs[occurs.indexOf(false)];
  if (missing !== undefined) throw fieldNotFound(history, missing.path, missing.parameter);
  return held;
}

/** Whether the field occurs here and, whatever else the content has, can occur nowhere else: no list is on its way. */
function isOnlyPlace(path: FieldPath, [first]: readonly Occurrence[]): boolean {
  if (first === undefined || bareName(path) !== undefined || isArray(first.value)) return false;
  return first.location.every((key) => typeof key === 'string');
}

function hasValue(actual: JsonValue, text: string): boolean {
  if (isArray(actual)) return actual.some((entry) => scalarText(entry) === text);
  return scalarText(actual) === text;
}

function intervalsOf(versions: readonly Version[], held: readonly Held[]): BisectInterval[] {
  const intervals: BisectInterval[] = [];
  for (let start = held.indexOf(true); start !== -1;) {
    const from = versions[start];
    if (from === undefined) break;
    const end = held.findIndex((holds, index) => index > start && holds !== true);
    const to = end === -1 ? undefined : versions[end];
    const isUnknownBefore = start > 0 && held[start - 1] === undefined;
    const isUnknownAfter = to !== undefined && held[end] === undefined;
    const uncertain = isFirstSeen(from) || isUnknownBefore || isUnknownAfter;
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
