/**
 * A write: a successful, persisted mutating request on one object, and what is known of its effect. What the filter makes
 * of an event, and what the fold makes versions of.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { ObjectKey } from '../../model/object-key.ts';
import type { Micros } from '../../model/time.ts';
import type { Actor, Operation } from '../../model/version.ts';

/** What a write did to its object. */
export type Effect =
  /** The server's own stored body. */
  | {
      readonly type: 'stored';
      readonly content: JsonObject;
      readonly apiVersion: string;
      readonly kind: string;
      /** Whether the body says that the object waits for its deletion, or is gone with this write. */
      readonly life: Life;
    }
  /** The stored metadata alone (the answer to a client that asks for PartialObjectMetadata). */
  | { readonly type: 'stored-metadata'; readonly metadata: JsonObject | undefined; readonly life: Life }
  /** A whole object as it was sent: without the server's defaults. `mutated`: an admission webhook changed it. */
  | {
      readonly type: 'sent';
      readonly content: JsonObject;
      readonly apiVersion: string;
      readonly kind: string;
      readonly mutated: boolean;
    }
  /** A patch as it was sent, replayed as a JSON merge patch. */
  | { readonly type: 'merge-patch'; readonly patch: JsonObject; readonly mutated: boolean }
  /** spec.replicas by way of the scale subresource. */
  | { readonly type: 'replicas'; readonly replicas: JsonValue }
  /** spec.nodeName by way of the binding subresource. */
  | { readonly type: 'node'; readonly nodeName: string }
  /** It changed; how was not recorded. */
  | { readonly type: 'unrecorded' }
  /** A deletion that the server answered with a Status: done, unless a finalizer is known to hold it. */
  | { readonly type: 'deleted' }
  /** A deletion whose answer was not recorded. */
  | { readonly type: 'deletion-unrecorded' }
  /** An eviction: the pod's deletion was asked for. */
  | { readonly type: 'evicted' };

export type Life = 'alive' | 'terminating' | 'gone';

/** One write. `uid`, `resourceVersion` are '' where no body told them. */
export interface Write {
  readonly key: ObjectKey;
  readonly operation: Operation;
  readonly actor: Actor;
  readonly auditID: string;
  readonly timestamp: Micros;
  readonly requestReceivedTimestamp: Micros;
  readonly uid: string;
  /** Whether the server answered that it created the object. */
  readonly creates: boolean;
  /** The resulting resourceVersion. */
  readonly resourceVersion: string;
  readonly generation: number | undefined;
  readonly effect: Effect;
}
