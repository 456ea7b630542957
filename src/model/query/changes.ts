/**
 * What differs between two contents, path by path.
 *
 * - A part that came or went whole is one change, at its own path.
 * - Entries of lists are matched as align.ts says. A list whose entries stayed but changed places is one `replace` at the
 *   list's path, marked `reordered`, with the keys of the entries that stayed in the old and in the new order: the order of
 *   env variables and init containers matters to the kubelet. Where in a list an entry was put is for the patch to say.
 * - Parts that are the same object (`===`) are not looked into: versions share what they have in common.
 *
 * Invariant: no changes, exactly where the contents are equal.
 */
import { formatFieldPath, keyStep, type FieldPath } from '../field-path.ts';
import { isArray, isObject, member, type JsonArray, type JsonObject, type JsonValue } from '../json.ts';
import { alignLists, mergedOrder } from './align.ts';

/** One change. `from` is absent for `add`, `to` for `remove`. */
export interface Change {
  /** Where it is, as in spec.template.spec.containers[name=web].image. */
  readonly path: string;
  /** Whether it came, went, or is another. */
  readonly operation: 'add' | 'remove' | 'replace';
  /** Only the order of the list's entries changed: `from` and `to` are the keys of those that stayed. */
  readonly reordered?: true;
  /** An `add` that may be none: not all of the old content was recorded (proof.ts). */
  readonly revealed?: true;
  /** A `remove` that may be none: not all of the new content was recorded (proof.ts). */
  readonly unrecorded?: true;
  /** The value before. */
  readonly from?: JsonValue;
  /** The value after. */
  readonly to?: JsonValue;
}

/** All changes from one content to another, in document order. An absent content is an empty one. */
export function diffContents(from: JsonObject | undefined, to: JsonObject | undefined): Change[] {
  return diffAt([], from ?? {}, to ?? {});
}

/** All changes of the value at a path; undefined on the side where there is none. */
export function diffAt(path: FieldPath, from: JsonValue | undefined, to: JsonValue | undefined): Change[] {
  const changes: Change[] = [];
  collect(path, from, to, changes);
  return changes;
}

function collect(
  path: FieldPath,
  from: JsonValue | undefined,
  to: JsonValue | undefined,
  changes: Change[],
): void {
  if (from === to) return;
  if (from === undefined) {
    if (to !== undefined) changes.push({ path: formatFieldPath(path), operation: 'add', to });
  } else if (to === undefined) {
    changes.push({ path: formatFieldPath(path), operation: 'remove', from });
  } else if (isArray(from) && isArray(to)) {
    collectEntries(path, from, to, changes);
  } else if (isObject(from) && isObject(to)) {
    for (const key of mergedOrder(Object.keys(from), Object.keys(to))) {
      collect([...path, keyStep(key)], member(from, key), member(to, key), changes);
    }
  } else {
    changes.push({ path: formatFieldPath(path), operation: 'replace', from, to });
  }
}

function collectEntries(path: FieldPath, from: JsonArray, to: JsonArray, changes: Change[]): void {
  const last = path.at(-1);
  const { entries, reordered } = alignLists(last?.type === 'key' ? last.key : undefined, from, to);
  if (reordered !== undefined) {
    changes.push({ path: formatFieldPath(path), operation: 'replace', reordered: true, ...reordered });
  }
  for (const { step, from: before, to: after } of entries) {
    collect(
      [...path, step],
      before === undefined ? undefined : from[before],
      after === undefined ? undefined : to[after],
      changes,
    );
  }
}
