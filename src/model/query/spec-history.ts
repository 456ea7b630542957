/** An object's spec at each version; the whole content for kinds without a spec. */
import { QueryError } from '../errors.ts';
import { member, stringifyJson, type JsonValue } from '../json.ts';
import type { ObjectHistory } from '../reader.ts';
import type { Fidelity, Version } from '../version.ts';
import { API_VERSION, identityOf, originOf, type ObjectIdentity, type Who } from './answer.ts';

/** One version with what it held. Either `spec` or `content` is there, the same one in all items. */
export interface SpecHistoryItem extends Who {
  /** The version, as in v3. */
  readonly version: string;
  /** When the write was done: RFC 3339 in UTC, with microseconds. */
  readonly timestamp: string;
  readonly fidelity: Fidelity;
  /** The object no longer exists; what it held is null. */
  readonly deleted?: true;
  /** null where the version has none, or it was not recorded (fidelity `unknown`). */
  readonly spec?: JsonValue;
  /** null as for `spec`. */
  readonly content?: JsonValue;
}

/** An object's spec at each version; the whole content for kinds without a spec. */
export interface SpecHistory {
  readonly kind: 'SpecHistory';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** The object whose history this is. */
  readonly object: ObjectIdentity;
  /** The versions asked for, the oldest first. */
  readonly items: readonly SpecHistoryItem[];
}

/** How much an answer may hold, as JSON text: far more than anyone reads, far less than a string may be long. */
export const SPEC_HISTORY_MAX_CHARS = 32 * 1024 * 1024;

/**
 * The versions from `start` to `end`, both included; by default all.
 * @throws QueryError PARAMETER_INVALID where the start is after the end, ANSWER_TOO_LARGE
 */
export function specHistory(
  history: ObjectHistory,
  range: { readonly start?: Version | undefined; readonly end?: Version | undefined } = {},
): SpecHistory {
  const start = range.start?.number ?? 1;
  const end = range.end?.number ?? history.versions.length;
  if (start > end) {
    throw new QueryError('PARAMETER_INVALID', `start (v${start}) is after end (v${end}): exchange them`, {
      parameter: 'start',
    });
  }
  const hasSpec = history.versions.some(
    ({ content }) => content !== undefined && Object.hasOwn(content, 'spec'),
  );
  const items = history.versions.slice(start - 1, end).map((version) => itemOf(version, hasSpec));
  assertNotTooLarge(items);
  return {
    kind: 'SpecHistory',
    apiVersion: API_VERSION,
    metadata: {},
    object: identityOf(history.key),
    items,
  };
}

function assertNotTooLarge(items: readonly SpecHistoryItem[]): void {
  /** Versions share what they have in common: what did not change is measured once. */
  const lengths = new Map<JsonValue, number>();
  let total = 0;
  for (const [index, { spec, content }] of items.entries()) {
    const held = spec ?? content ?? null;
    const length = lengths.get(held) ?? stringifyJson(held).length;
    lengths.set(held, length);
    total += length;
    if (total > SPEC_HISTORY_MAX_CHARS) throw tooLarge(items, index);
  }
}

/** @param count how many of the items are not too much */
function tooLarge(items: readonly SpecHistoryItem[], count: number): QueryError {
  const [first, fitting, last] = [items[0], items[count - 1], items.at(-1)];
  return new QueryError(
    'ANSWER_TOO_LARGE',
    `${first?.version} to ${last?.version} hold more than ${SPEC_HISTORY_MAX_CHARS / 1024 / 1024} MiB: narrow start and end` +
      (fitting === undefined ? '' : ` (${first?.version} to ${fitting.version} would do)`),
    { parameter: 'end', candidates: fitting === undefined ? [] : [fitting.version] },
  );
}

function itemOf(version: Version, hasSpec: boolean): SpecHistoryItem {
  const { auditID: _, ...origin } = originOf(version);
  const content = version.content ?? null;
  return {
    ...origin,
    fidelity: version.fidelity,
    ...(version.deleted ? { deleted: true } : {}),
    ...(hasSpec ? { spec: content === null ? null : (member(content, 'spec') ?? null) } : { content }),
  };
}
