/** What the answers to all questions have in common. Answers are plain values, ready to be written as JSON. */
import type { ObjectHistory } from '../reader.ts';
import type { ObjectKey } from '../object-key.ts';
import { formatTime } from '../time.ts';
import { formatVersion, type Actor, type Version } from '../version.ts';

/** The API group and version of every answer. */
export const API_VERSION = 'kubeprovenance.cloudark.io/v1';

/** An object, as answers name it. `namespace` is '' for cluster-scoped objects. */
export interface ObjectIdentity {
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Who did something: the effective user, and the authenticated one where that is another. */
export interface Who {
  readonly user: string;
  readonly impersonatedBy?: string;
}

/** When, by whom, and by which request a version was made. */
export interface Origin extends Who {
  readonly version: string;
  readonly timestamp: string;
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
