/**
 * What the API asks of the index. The reader owns this interface; a store implements it.
 *
 * Invariants: versions of an object are numbered 1..n without gaps, in order; actions are addressed by refs that never
 * change. Nothing returned is ever written to again, so an answer may be built over several turns of the event loop.
 */
import type { Action, ActionRef } from './action.ts';
import type { GroupResource, ObjectKey } from './object-key.ts';
import type { SourceStatus } from './source-status.ts';
import type { Terminating, Version } from './version.ts';

/** One object's recorded history. */
export interface ObjectHistory {
  readonly key: ObjectKey;
  /** In order: `versions[n - 1]` is version n. Never empty. */
  readonly versions: readonly Version[];
  /** Set while the object waits for its deletion to finish. */
  readonly terminating?: Terminating | undefined;
}

/** Which objects to go through; '' for `namespace` means cluster-scoped objects, undefined means all. */
export interface ObjectSelector {
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** A plural of which there are histories, whatever its groups. */
export interface RecordedResource {
  readonly resource: string;
  /** Whether any of its objects is in a namespace. */
  readonly namespaced: boolean;
}

/** The index, as queries see it. */
export interface Reader {
  /** The resource types with this plural that the index has seen, in the order of their groups. */
  resourcesNamed(plural: string): readonly GroupResource[];
  /** The plurals the index has seen, in no order. */
  resources(): Iterable<RecordedResource>;
  /** One object's history, or undefined where the index has no version of it. The key must be canonical. */
  history(key: ObjectKey): ObjectHistory | undefined;
  /** The histories of all objects that fit, ordered by group, resource, namespace and name. */
  histories(selector: ObjectSelector): Iterable<ObjectHistory>;
  /** Actions recorded before `before` (all where undefined), the newest by time first. */
  actionsBackwards(
    before: { readonly timestamp: number; readonly ref: ActionRef } | undefined,
  ): Iterable<Action>;
  /** Where each source stands. */
  sources(): readonly SourceStatus[];
}
