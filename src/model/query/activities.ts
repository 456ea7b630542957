/**
 * What actions have been executed, page by page, the newest first.
 *
 * A page has a `continue` only where there is an older action that fits and that its reader may see, so that what they may
 * not see leaves no trace. It also ends where that could not be found out.
 */
import { actionRef, type Action } from '../action.ts';
import { QueryError } from '../errors.ts';
import { keyString } from '../object-key.ts';
import type { Reader } from '../reader.ts';
import { formatTime } from '../time.ts';
import { formatVersion, type Version } from '../version.ts';
import { API_VERSION, identityOf, whoOf, type ObjectIdentity, type Who } from './answer.ts';
import { formatContinue, parseContinue, type ActionPlace } from './continue-token.ts';
import { scanActions, type ActivityFilter, type ScanOptions } from './scan-actions.ts';

export interface ActivityQuery extends ActivityFilter {
  /** How many at most; ACTIVITY_LIMIT_DEFAULT by default, never more than ACTIVITY_LIMIT_MAX. */
  readonly limit?: number | undefined;
  /** `metadata.continue` of the page before. */
  readonly continue?: string | undefined;
}

export const ACTIVITY_LIMIT_DEFAULT = 500;
export const ACTIVITY_LIMIT_MAX = 10_000;

/** One action. */
export interface Activity extends Who {
  /** When the request was answered: RFC 3339 in UTC, with microseconds. */
  readonly timestamp: string;
  /** The program that sent the request, as it calls itself. */
  readonly userAgent: string;
  /** Where the request came from: the client, then the proxies on its way. */
  readonly sourceIPs: readonly string[];
  /** What was asked for, as in create, patch and deletecollection. */
  readonly verb: string;
  /** `name` is '' for a request on a collection. */
  readonly object: ObjectIdentity;
  /** The subresource that was asked for, as in exec and scale; absent where it was the object itself. */
  readonly subresource?: string;
  /** The HTTP status code of the answer; 101 for a connection that was taken over. */
  readonly code: number;
  /** The audit ID of the request. */
  readonly auditID: string;
  /** The request was for a dry run: nothing was stored. */
  readonly dryRun?: true;
  /** The version that the action made; null where it made none. */
  readonly version: string | null;
}

/** A page of actions. */
export interface ActivityList {
  readonly kind: 'ActivityList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: { readonly continue?: string };
  /** The actions, the newest first. */
  readonly items: readonly Activity[];
}

/**
 * A page of actions.
 * @throws QueryError CONTINUE_EXPIRED, PARAMETER_INVALID (a limit that is no whole number from 1)
 */
export async function listActivities(
  reader: Reader,
  query: ActivityQuery = {},
  options: ScanOptions = {},
): Promise<ActivityList> {
  const limit = limitOf(query.limit);
  const start = query.continue === undefined ? undefined : parseContinue(query.continue);
  const { page, next } = await readPage(reader, query, start, limit, options);
  const versionOf = versionFinder(reader);
  return {
    kind: 'ActivityList',
    apiVersion: API_VERSION,
    metadata: next === undefined ? {} : { continue: formatContinue(next) },
    items: page.map((action) => activityOf(action, versionOf(action))),
  };
}

interface Page {
  readonly page: readonly Action[];
  /** Where the next page begins; undefined where there is none. */
  readonly next: ActionPlace | undefined;
}

async function readPage(
  reader: Reader,
  query: ActivityQuery,
  start: ActionPlace | undefined,
  limit: number,
  options: ScanOptions,
): Promise<Page> {
  const page: Action[] = [];
  for await (const batch of scanActions(reader, query, start, limit + 1, options)) {
    for (const { action, sight } of batch) {
      // The place just before it: the next page begins with the action itself.
      if (sight === 'unchecked') return { page, next: { ...action, ref: actionRef(action.ref + 1) } };
      if (page.length === limit) return { page, next: page.at(-1) };
      page.push(action);
    }
  }
  return { page, next: undefined };
}

/** Finds the version an action made, remembering the histories it has looked through. */
function versionFinder(reader: Reader): (action: Action) => Version | undefined {
  const known = new Map<string, ReadonlyMap<string, readonly Version[]>>();
  return ({ object, auditID, code, dryRun, timestamp, actor }) => {
    if (auditID === '' || dryRun || code >= 400) return undefined;
    const key = keyString(object);
    const byAuditID =
      known.get(key) ?? Map.groupBy(reader.history(object)?.versions ?? [], (version) => version.auditID);
    known.set(key, byAuditID);
    // A client chooses its requests' audit IDs, and may choose one that others have: the user and the time must tell.
    const own = (byAuditID.get(auditID) ?? []).filter((version) => version.actor.user === actor.user);
    return (
      own.find((version) => version.timestamp === timestamp) ??
      // A deletion that was held is its asker's, and has the time at which it was finished.
      own.find((version) => version.completedBy !== undefined && version.timestamp > timestamp)
    );
  };
}

function activityOf(action: Action, version: Version | undefined): Activity {
  const { actor, object, subresource } = action;
  return {
    timestamp: formatTime(action.timestamp),
    ...whoOf(actor),
    userAgent: actor.userAgent,
    sourceIPs: actor.sourceIPs,
    verb: action.verb,
    object: identityOf(object),
    ...(subresource === '' ? {} : { subresource }),
    code: action.code,
    auditID: action.auditID,
    ...(action.dryRun ? { dryRun: true } : {}),
    version: version === undefined ? null : formatVersion(version.number),
  };
}

function limitOf(limit = ACTIVITY_LIMIT_DEFAULT): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return Math.min(limit, ACTIVITY_LIMIT_MAX);
  throw new QueryError('PARAMETER_INVALID', `limit must be a whole number from 1 to ${ACTIVITY_LIMIT_MAX}`, {
    parameter: 'limit',
  });
}
