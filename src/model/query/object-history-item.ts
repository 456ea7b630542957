/**
 * One object's history in short: an ObjectHistory, as a resource of Kubernetes.
 *
 * Its name is `RESOURCE[.GROUP]:NAME` of the object, in the object's own namespace. Invariant: a name and a namespace mean one
 * object, and an object has one name.
 */
import { formatResource, objectKey, parseResource, type ObjectKey } from '../object-key.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatTime, type Micros } from '../time.ts';
import { isCreation, type Fidelity, type Operation, type Version } from '../version.ts';
import { API_VERSION, identityOf, originOf, whoOf, type ObjectIdentity, type Origin } from './answer.ts';
import type { TerminatingInfo } from './versions.ts';

/** The metadata of an object history, as clients of Kubernetes expect it. */
export interface ObjectHistoryMetadata {
  /**
   * `RESOURCE[.GROUP]:NAME` of the object, as in `deployments.apps:web` and `configmaps:settings`. What is behind the
   * first colon is the object's name, which may have colons of its own.
   */
  readonly name: string;
  /** The namespace of the object; absent for cluster-scoped objects. */
  readonly namespace?: string;
  /** The uid of the object, of its newest life; absent where no event told it. */
  readonly uid?: string;
  /**
   * When the object was created, the last time that it was: RFC 3339, to the second. Absent where its creation was not
   * recorded.
   */
  readonly creationTimestamp?: string;
}

/** A write to an object: which version it made, by whom, when and how. */
export interface ObjectChange extends Origin {
  /** What the request did: create, update, patch, apply, scale, bind or delete. */
  readonly operation: Operation;
}

/** What is known of one object, in short. Its versions are listed at the path of the object itself. */
export interface ObjectHistoryItem {
  /** Always ObjectHistory. */
  readonly kind: 'ObjectHistory';
  /** Always kubeprovenance.cloudark.io/v1. */
  readonly apiVersion: typeof API_VERSION;
  /** Name, namespace, uid and time of creation. */
  readonly metadata: ObjectHistoryMetadata;
  /** The object whose history this is. */
  readonly object: ObjectIdentity;
  /** How many versions of the object are known, deletions included. */
  readonly versions: number;
  /** The first write to the object that was recorded, whether or not it created the object. */
  readonly firstSeen: ObjectChange;
  /** The write that made the newest version. */
  readonly lastChange: ObjectChange;
  /** How sure the content of the newest version is. */
  readonly fidelity: Fidelity;
  /** The object no longer exists. */
  readonly deleted?: true;
  /** The deletion that the object waits for: a finalizer or a grace period holds it. */
  readonly terminating?: TerminatingInfo;
}

/** The name of an object's history. */
export function objectHistoryName(object: ObjectIdentity): string {
  return `${formatResource(object)}:${object.name}`;
}

/**
 * The object whose history has this name, in a namespace or ('') cluster-scoped.
 * @returns undefined where no object's history has this name there: it has no resource or no name, its resource is stored
 * under another group, or it is a Namespace's and a namespace was given
 */
export function parseObjectHistoryName(name: string, namespace: string): ObjectKey | undefined {
  const colon = name.indexOf(':');
  const { group, resource } = parseResource(name.slice(0, Math.max(colon, 0)));
  const key = objectKey(group, resource, namespace, name.slice(colon + 1));
  const isSame = objectHistoryName(key) === name && key.namespace === namespace;
  return isSame && key.resource !== '' && key.name !== '' ? key : undefined;
}

/** What is known of an object, in short. */
export function objectHistoryItem(history: ObjectHistory): ObjectHistoryItem {
  const { key, versions, terminating } = history;
  const [first, last] = [versions[0], versions.at(-1)];
  if (first === undefined || last === undefined) throw new TypeError('a history has no versions');
  return {
    kind: 'ObjectHistory',
    apiVersion: API_VERSION,
    metadata: metadataOf(history),
    object: identityOf(key),
    versions: versions.length,
    firstSeen: changeOf(first),
    lastChange: changeOf(last),
    fidelity: last.fidelity,
    ...(last.deleted ? { deleted: true } : {}),
    ...(terminating === undefined
      ? {}
      : {
          terminating: {
            since: formatTime(terminating.since),
            ...whoOf(terminating.actor),
            auditID: terminating.auditID,
          },
        }),
  };
}

function metadataOf({ key, versions }: ObjectHistory): ObjectHistoryMetadata {
  const birth = versions.findLastIndex(({ created }) => created);
  const uid = versions.findLast((version, index) => version.uid !== '' && index >= birth)?.uid;
  const creation = versions.slice(Math.max(birth, 0), birth + 1).find(isCreation);
  return {
    name: objectHistoryName(key),
    ...(key.namespace === '' ? {} : { namespace: key.namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(creation === undefined ? {} : { creationTimestamp: wholeSeconds(creation.timestamp) }),
  };
}

/** As Kubernetes writes a metav1.Time. */
function wholeSeconds(time: Micros): string {
  return `${formatTime(time).slice(0, 19)}Z`;
}

function changeOf(version: Version): ObjectChange {
  return { ...originOf(version), operation: version.operation };
}
