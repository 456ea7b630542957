/**
 * What actions have been executed, page by page, the newest first.
 *
 * A page is read only until it is full: that it has a `continue` says that older actions are there, not that one of them
 * fits.
 */
import type { Action } from '../action.ts';
import { QueryError } from '../errors.ts';
import { keyString } from '../object-key.ts';
import type { Reader } from '../reader.ts';
import { formatTime } from '../time.ts';
import { formatVersion, type Version } from '../version.ts';
import { API_VERSION, identityOf, whoOf, type ObjectIdentity, type Who } from './answer.ts';
import { formatContinue, parseContinue } from './continue-token.ts';
import { hasOlderAction, scanActions, type ActivityFilter } from './scan-actions.ts';

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
  readonly timestamp: string;
  readonly userAgent: string;
  readonly sourceIPs: readonly string[];
  readonly verb: string;
  /** `name` is '' for a request on a collection. */
  readonly object: ObjectIdentity;
  readonly subresource?: string;
  readonly code: number;
  readonly auditID: string;
  readonly dryRun?: true;
  /** The version that the action made; null where it made none. */
  readonly version: string | null;
}

export interface ActivityList {
  readonly kind: 'ActivityList';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: { readonly continue?: string };
  readonly items: readonly Activity[];
}

/**
 * A page of actions.
 * @throws QueryError CONTINUE_INVALID, PARAMETER_INVALID (a limit that is no whole number from 1)
 */
export async function listActivities(reader: Reader, query: ActivityQuery = {}): Promise<ActivityList> {
  const limit = limitOf(query.limit);
  const place = query.continue === undefined ? undefined : parseContinue(query.continue);
  const actions: Action[] = [];
  for await (const batch of scanActions(reader, query, place, limit)) {
    actions.push(...batch);
    if (actions.length >= limit) break;
  }
  const page = actions.slice(0, limit);
  const versionOf = versionFinder(reader);
  const last = page.length === limit ? page.at(-1) : undefined;
  return {
    kind: 'ActivityList',
    apiVersion: API_VERSION,
    metadata:
      last !== undefined && hasOlderAction(reader, last, query.since)
        ? { continue: formatContinue(last) }
        : {},
    items: page.map((action) => activityOf(action, versionOf(action))),
  };
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
