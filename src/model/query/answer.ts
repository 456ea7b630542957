/** What the answers to all questions have in common. Answers are plain values, ready to be written as JSON. */
import type { ObjectHistory } from '../reader.ts';
import type { ObjectKey } from '../object-key.ts';
import { formatTime } from '../time.ts';
import { formatVersion, type Actor, type Version } from '../version.ts';

/** The API group and version of every answer. */
export const API_VERSION = 'kubeprovenance.cloudark.io/v1';

/** An object, as answers name it. `namespace` is '' for cluster-scoped objects. */
export interface ObjectIdentity {
  /** The API group; '' is the core group. */
  readonly group: string;
  /** The plural of the resource, as in deployments. */
  readonly resource: string;
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  /** The name of the object. */
  readonly name: string;
}

/** Who did something: the effective user, and the authenticated one where that is another. */
export interface Who {
  /** The effective user: the impersonated one where there was one. */
  readonly user: string;
  /** The authenticated user, where that is another. */
  readonly impersonatedBy?: string;
}

/** When, by whom, and by which request a version was made. */
export interface Origin extends Who {
  /** The version, as in v3. */
  readonly version: string;
  /** When the write was done: RFC 3339 in UTC, with microseconds. */
  readonly timestamp: string;
  /** The audit ID of the request. */
  readonly auditID: string;
}

/** The object's identity, and nothing else that the key may carry. */
export function identityOf({ group, resource, namespace, name }: ObjectKey): ObjectIdentity {
  return { group, resource, namespace, name };
}

/** The people behind a request. */
export function whoOf({ user, impersonatedBy }: Actor): Who {
  return impersonatedBy === undefined ? { user } : { user, impersonatedBy };
}

/** Where a version comes from. */
export function originOf(version: Version): Origin {
  return {
    version: formatVersion(version.number),
    timestamp: formatTime(version.timestamp),
    ...whoOf(version.actor),
    auditID: version.auditID,
  };
}

/** Whether a version exists whose content was not recorded. */
export function isUnknown(version: Version): boolean {
  return version.content === undefined && !version.deleted;
}

/** `versions v1 to v6`, or `one version, v1`, for messages. */
export function describeVersions({ versions }: ObjectHistory): string {
  return versions.length === 1 ? 'one version, v1' : `versions v1 to v${versions.length}`;
}
