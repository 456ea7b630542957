/**
 * What an event is: an action or not, and a write or not. Every event that is no write gets one named reason.
 *
 * The order of the questions is part of the meaning: a refused read counts as a read, a dry run that failed as failed.
 */
import type { AuditEvent } from '../model/event.ts';
import { isArray, isObject, member, objectMember } from '../model/json.ts';
import { formatResource, objectKey } from '../model/object-key.ts';
import type { Drop } from '../model/source-status.ts';

/** An event's standing. `drop` is undefined for a write. */
export interface Verdict {
  readonly action: boolean;
  readonly drop: Drop | undefined;
}

/** Resources that are left out by default: heartbeats and Events say nothing of what was configured. */
export const POLICY_RESOURCES: readonly string[] = ['leases.coordination.k8s.io', 'events'];

const MUTATING: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** Subresources that open a connection into the object (kubernetes/pkg/registry/core/pod/rest/subresources.go). */
const CONNECTING: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);
/** Groups whose resources are questions to the server: a create of theirs stores nothing. */
const VIRTUAL_GROUPS: ReadonlySet<string> = new Set(['authentication.k8s.io', 'authorization.k8s.io']);

/** Whether a request opens a connection: exec, attach, portforward, proxy, whatever its verb. */
export function isConnecting(event: AuditEvent): boolean {
  return event.objectRef !== undefined && CONNECTING.has(event.objectRef.subresource);
}

/** Whether a request changed nothing on purpose: by its URI, or by the DeleteOptions that are or stand in its body. */
export function isDryRun(event: AuditEvent): boolean {
  const query = event.requestURI.indexOf('?');
  if (query !== -1 && new URLSearchParams(event.requestURI.slice(query)).getAll('dryRun').includes('All'))
    return true;
  const body = event.requestObject;
  const kind = isObject(body) ? member(body, 'kind') : undefined;
  if (!isObject(body) || (kind !== 'DeleteOptions' && kind !== 'Eviction')) return false;
  const options = kind === 'Eviction' ? (objectMember(body, 'deleteOptions') ?? {}) : body;
  const dryRun = member(options, 'dryRun');
  return isArray(dryRun) && dryRun.includes('All');
}

/** Judges one event. @param ignored resources that are left out, as `plural.group` */
export function judge(event: AuditEvent, ignored: ReadonlySet<string>): Verdict {
  const drop = dropOf(event, ignored);
  return { action: isAction(event, drop), drop };
}

function dropOf(event: AuditEvent, ignored: ReadonlySet<string>): Drop | undefined {
  const { objectRef, verb, stage } = event;
  if (stage !== 'ResponseComplete') return 'stage';
  if (objectRef === undefined) return 'non-resource';
  if (isConnecting(event)) return 'connect';
  if (!MUTATING.has(verb)) return 'read';
  if (ignored.has(formatResource(objectKey(objectRef.group, objectRef.resource, '', '')))) return 'policy';
  if (isNotStored(event)) return 'not-stored';
  // A log without a status (an old API server's) says nothing of failure.
  if (event.code >= 300) return 'failed';
  if (isDryRun(event)) return 'dry-run';
  if (objectRef.subresource === 'status') return 'status-only';
  return undefined;
}

function isNotStored({ objectRef }: AuditEvent): boolean {
  if (objectRef === undefined) return false;
  return VIRTUAL_GROUPS.has(objectRef.group) || objectRef.subresource === 'token';
}

function isAction(event: AuditEvent, drop: Drop | undefined): boolean {
  if (event.objectRef === undefined) return false;
  const refused = event.code === 401 || event.code === 403;
  switch (drop) {
    case 'stage':
      return isFirstWordOfAction(event);
    case 'read':
    case 'policy':
      return refused;
    case 'not-stored':
      // A token that was made is worth knowing of; a question (a review) changes nothing.
      return refused || event.objectRef.subresource === 'token';
    default:
      return true;
  }
}

/**
 * A connection is an action as soon as it stands. A request that nobody could be told for (401) and one that ended in a
 * panic have no other event (apiserver/pkg/endpoints/filters/authn_audit.go, audit.go).
 */
function isFirstWordOfAction(event: AuditEvent): boolean {
  if (event.stage === 'ResponseStarted') return isConnecting(event) || event.code === 401;
  return event.stage === 'Panic' && MUTATING.has(event.verb);
}
