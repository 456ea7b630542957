/**
 * A version: one state of an object, who made it, when, and how sure that is.
 *
 * Versions of an object count from 1 through deletion and re-creation; each knows its uid. A deletion is a version
 * without content (a tombstone).
 */
import type { JsonObject } from './json.ts';
import type { Micros } from './time.ts';

/** A version's number inside its object, from 1. Written `v1`. */
export type VersionNumber = number & { readonly __brand: 'VersionNumber' };

/** What the request did. `apply` is a server-side apply; `scale` and `bind` are writes to those subresources. */
export type Operation = 'create' | 'update' | 'patch' | 'apply' | 'scale' | 'bind' | 'delete';

/**
 * How sure a version's content is: `exact` (the server's own stored body), `derived` (a request replayed on a known base,
 * every server-side effect known), `partial` (base or an effect not known), `unknown` (it changed; how was not recorded).
 */
export type Fidelity = 'exact' | 'derived' | 'partial' | 'unknown';

/** Who sent a request, by what, from where. `user` is the effective one; `impersonatedBy` the authenticated one. */
export interface Actor {
  readonly user: string;
  readonly impersonatedBy: string | undefined;
  readonly userAgent: string;
  readonly sourceIPs: readonly string[];
}

/** Who finished a deletion that another request had asked for. */
export interface CompletedBy {
  /** The user of the request that finished the deletion. */
  readonly user: string;
  /** The audit ID of that request. */
  readonly auditID: string;
}

/** A deletion that was asked for and is not finished: a finalizer or a grace period holds it. */
export interface Terminating {
  readonly since: Micros;
  readonly actor: Actor;
  readonly auditID: string;
  /** The uid of what is to be deleted; '' where no event told it. */
  readonly uid: string;
}

/** One version of one object. */
export interface Version {
  readonly number: VersionNumber;
  readonly operation: Operation;
  /** stageTimestamp of the write. */
  readonly timestamp: Micros;
  readonly actor: Actor;
  readonly auditID: string;
  /** '' where no event told it. */
  readonly uid: string;
  /** The resulting resourceVersion; '' where no event told it. */
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly fidelity: Fidelity;
  /** The API version and kind of the body the content came from; '' where no body was recorded. */
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * The object less what the server owns: `metadata` holds labels, annotations, ownerReferences and finalizers only.
   * undefined for a tombstone and for a version of unknown content; equal parts of neighbouring versions are shared.
   */
  readonly content: JsonObject | undefined;
  /** First of its uid, but by a write that did not create the object: what it shows may be older. */
  readonly firstSeen?: boolean | undefined;
  /**
   * Whether the content is all there is: false where it holds only what the recorded requests showed, because the base was
   * not known (what is absent from it proves nothing).
   */
  readonly contentComplete?: boolean | undefined;
  /** Whether the object no longer exists at this version. */
  readonly deleted: boolean;
  /** Whether this version is the first of its uid: created, re-created, or first seen. */
  readonly created: boolean;
  /** Whether the object waits for its deletion to finish (a finalizer, a grace period). */
  readonly terminating: boolean;
  readonly completedBy: CompletedBy | undefined;
}

/** Brands a version number. */
export function versionNumber(value: number): VersionNumber {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where a VersionNumber is made
  return value as VersionNumber;
}

/** Whether this version's write created the object, rather than being the first that was recorded of it. */
export function isCreation({ created, deleted, firstSeen }: Version): boolean {
  return created && !deleted && firstSeen !== true;
}

/** Whether what the version does not show was not there. Of a deletion, that is all. */
export function isComplete({ content, contentComplete, deleted }: Version): boolean {
  return deleted || (content !== undefined && contentComplete !== false);
}

/** `v3`. */
export function formatVersion(number: VersionNumber): string {
  return `v${number}`;
}
