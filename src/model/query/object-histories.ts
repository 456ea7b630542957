/**
 * The objects that are known, page by page, in the order of their keys.
 *
 * Invariants: a page shows only objects that the asker may see, and it ends before the first of which that could not be found
 * out. It has a `continue` only where something is left that may be shown: what is hidden leaves no trace in a list.
 */
import { QueryError } from '../errors.ts';
import { compareKeys, parseResource, type ObjectKey } from '../object-key.ts';
import type { ObjectHistory, ObjectSelector, Reader } from '../reader.ts';
import { API_VERSION } from './answer.ts';
import { splitResource } from './find-object.ts';
import { objectHistoryItem, objectHistoryName, type ObjectHistoryItem } from './object-history-item.ts';
import { FIRST_PLACE, openPlace, sealPlace } from './object-place.ts';
import { pauses } from './pauses.ts';
import type { ScanOptions } from './scan-actions.ts';
import { ALL_VISIBLE, type Visibility } from './visibility.ts';

/** A page of the objects that are known and that the asker may read. */
export interface ObjectHistoryList {
  /** Always ObjectHistoryList. */
  readonly kind: 'ObjectHistoryList';
  /** Always kubeprovenance.cloudark.io/v1. */
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: {
    /** The token for the next page; absent at the end. A page may be empty and yet have one. */
    readonly continue?: string;
  };
  /** In the order of group, resource, namespace and name. */
  readonly items: readonly ObjectHistoryItem[];
}

/** Which objects to list, and which page. */
export interface ObjectHistoryQuery {
  /** undefined: all namespaces, and cluster-scoped objects. */
  readonly namespace?: string | undefined;
  /** `deployments`, of whatever group, or `deployments.apps`. */
  readonly resource?: string | undefined;
  /** Who made the newest version: the effective or the authenticated user. */
  readonly user?: string | undefined;
  /** The name of one object history. */
  readonly name?: string | undefined;
  /** How many at most; OBJECT_LIMIT_DEFAULT by default and for 0, never more than OBJECT_LIMIT_MAX. */
  readonly limit?: number | undefined;
  /** `metadata.continue` of the page before. */
  readonly continue?: string | undefined;
}

/** As many as kubectl asks for. */
export const OBJECT_LIMIT_DEFAULT = 500;
export const OBJECT_LIMIT_MAX = 10_000;

/** Objects between two looks at the clock: looking costs more than passing over one. */
const STEP_OBJECTS = 256;
/** Objects whose visibility is found out together. */
const BATCH_OBJECTS_MAX = 1000;

/**
 * A page of the objects that fit and that the asker may see.
 * @throws QueryError CONTINUE_EXPIRED, PARAMETER_INVALID (a limit that is no whole number)
 */
export async function listObjectHistories(
  reader: Pick<Reader, 'histories'>,
  query: ObjectHistoryQuery = {},
  { visibility = ALL_VISIBLE, signal }: ScanOptions = {},
): Promise<ObjectHistoryList> {
  const limit = limitOf(query.limit);
  const start = query.continue === undefined ? FIRST_PLACE : openPlace(query.continue);
  const { page, next } = await readPage(candidates(reader, query, start, signal), start, limit, visibility);
  return {
    kind: 'ObjectHistoryList',
    apiVersion: API_VERSION,
    metadata: next === undefined ? {} : { continue: sealPlace(next) },
    items: page.map(objectHistoryItem),
  };
}

interface Page {
  readonly page: readonly ObjectHistory[];
  /** After which object the next page begins; undefined where there is none. */
  readonly next: ObjectKey | undefined;
}

/** Reads one more than the page holds, to know whether there is anything left to show. */
async function readPage(
  found: AsyncIterable<ObjectHistory>,
  start: ObjectKey,
  limit: number,
  visibility: Visibility,
): Promise<Page> {
  const page: ObjectHistory[] = [];
  let place = start;
  let looked = 0;
  // The more has been looked at in vain, the more is looked at together.
  const wanted = (): number => Math.min(Math.max(limit + 1 - page.length, looked), BATCH_OBJECTS_MAX);
  for await (const batch of batches(found, wanted)) {
    looked += batch.length;
    const sightOf = await visibility.look(batch.map(({ key }) => key));
    for (const history of batch) {
      const sight = sightOf(history.key);
      if (sight === 'unchecked' || (sight === 'visible' && page.length === limit))
        return { page, next: place };
      if (sight === 'visible') page.push(history);
      place = history.key;
    }
  }
  return { page, next: undefined };
}

/** In batches as large as `wanted` says before each; never none. */
async function* batches<Item>(
  items: AsyncIterable<Item>,
  wanted: () => number,
): AsyncGenerator<readonly Item[], void, undefined> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < wanted()) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The objects behind a place that fit, whether or not the asker may see them. */
async function* candidates(
  reader: Pick<Reader, 'histories'>,
  query: ObjectHistoryQuery,
  start: ObjectKey,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectHistory, void, undefined> {
  const { user } = query;
  const pause = pauses(signal);
  let steps = 0;
  for (const history of reader.histories(selectorOf(query))) {
    steps += 1;
    if (steps % STEP_OBJECTS === 0) await pause();
    if (compareKeys(history.key, start) <= 0) continue;
    if (query.name !== undefined && objectHistoryName(history.key) !== query.name) continue;
    // As it is now: it may be forgotten before the page is made.
    const { key, versions, terminating } = history;
    const last = versions.at(-1)?.actor;
    if (last === undefined) continue;
    if (user === undefined || last.user === user || last.impersonatedBy === user)
      yield { key, versions, terminating };
  }
}

function selectorOf({ namespace, resource }: ObjectHistoryQuery): ObjectSelector {
  if (resource === undefined) return { namespace };
  const { plural, group } = splitResource({ resource });
  return group === undefined ? { namespace, resource: plural } : { namespace, ...parseResource(resource) };
}

function limitOf(limit = 0): number {
  if (Number.isSafeInteger(limit) && limit >= 0)
    return limit === 0 ? OBJECT_LIMIT_DEFAULT : Math.min(limit, OBJECT_LIMIT_MAX);
  throw new QueryError('PARAMETER_INVALID', 'limit must be a whole number', { parameter: 'limit' });
}
