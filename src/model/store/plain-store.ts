/**
 * The index in plain maps and arrays: correct, and simple to reason about.
 *
 * Invariants: an object's versions are numbered 1..n in order; actions are sorted by (timestamp, ref); an array of versions
 * that was handed out only ever grows at its end: versions that are replaced come in a new array.
 */
import assert from 'node:assert/strict';
import { type Action, type ActionRef, actionRef } from '../action.ts';
import { compareKeys, type GroupResource, keyString, type ObjectKey } from '../object-key.ts';
import type { ObjectHistory, ObjectSelector, Reader, RecordedResource } from '../reader.ts';
import type { SourceStatus } from '../source-status.ts';
import type { Terminating, Version } from '../version.ts';
import type { Writer } from './writer.ts';

interface History {
  readonly key: ObjectKey;
  versions: Version[];
  terminating: Terminating | undefined;
}

export class PlainStore implements Reader, Writer {
  readonly #histories = new Map<string, History>();
  #sorted: readonly History[] | undefined;
  /** Plural → its groups, and whether any of its objects is in a namespace. */
  readonly #resources = new Map<string, { readonly groups: Set<string>; namespaced: boolean }>();
  readonly #actions: Action[] = [];
  readonly #sources: (() => SourceStatus)[] = [];

  setVersions(
    key: ObjectKey,
    keep: number,
    versions: readonly Version[],
    terminating: Terminating | undefined,
  ): void {
    const history = this.#historyFor(key, versions.length > 0);
    if (history === undefined) return;
    const known = history.versions.length;
    assert.ok(keep <= known, 'versions to keep are known');
    versions.forEach((version, index) =>
      assert.equal(version.number, keep + index + 1, 'numbers have no gaps'),
    );
    if (keep < known) history.versions = history.versions.slice(0, keep);
    history.versions.push(...versions);
    history.terminating = terminating;
    if (history.versions.length === 0) this.#forget(key);
  }

  addAction(action: Omit<Action, 'ref'>): void {
    const added: Action = { ...action, ref: actionRef(this.#actions.length) };
    const at = this.#actionsUpTo(added.timestamp, added.ref);
    for (let before = at - 1; this.#actions[before]?.timestamp === added.timestamp; before -= 1) {
      if (isSameAction(this.#actions[before], added)) return;
    }
    if (at === this.#actions.length) this.#actions.push(added);
    else this.#actions.splice(at, 0, added);
  }

  addSource(status: () => SourceStatus): void {
    this.#sources.push(status);
  }

  resourcesNamed(plural: string): readonly GroupResource[] {
    const groups = [...(this.#resources.get(plural)?.groups ?? [])].toSorted();
    return groups.map((group) => ({ group, resource: plural }));
  }

  *resources(): Iterable<RecordedResource> {
    for (const [resource, { namespaced }] of this.#resources) yield { resource, namespaced };
  }

  history(key: ObjectKey): ObjectHistory | undefined {
    return this.#histories.get(keyString(key));
  }

  *histories(selector: ObjectSelector): Iterable<ObjectHistory> {
    this.#sorted ??= [...this.#histories.values()].toSorted((a, b) => compareKeys(a.key, b.key));
    for (const history of this.#sorted) if (fits(history.key, selector)) yield history;
  }

  *actionsBackwards(
    before: { readonly timestamp: number; readonly ref: ActionRef } | undefined,
  ): Iterable<Action> {
    const end = before === undefined ? this.#actions.length : this.#actionsUpTo(before.timestamp, before.ref);
    for (let at = end - 1; at >= 0; at -= 1) {
      const action = this.#actions[at];
      if (action !== undefined) yield action;
    }
  }

  sources(): readonly SourceStatus[] {
    return this.#sources.map((status) => status());
  }

  #historyFor(key: ObjectKey, create: boolean): History | undefined {
    const id = keyString(key);
    const found = this.#histories.get(id);
    if (found !== undefined || !create) return found;
    const history: History = { key, versions: [], terminating: undefined };
    this.#histories.set(id, history);
    this.#sorted = undefined;
    const known = this.#resources.get(key.resource) ?? { groups: new Set(), namespaced: false };
    known.groups.add(key.group);
    known.namespaced ||= key.namespace !== '';
    this.#resources.set(key.resource, known);
    return history;
  }

  #forget(key: ObjectKey): void {
    this.#histories.delete(keyString(key));
    this.#sorted = undefined;
  }

  /** How many actions come before (timestamp, ref). The newest are looked at first: actions come nearly sorted. */
  #actionsUpTo(timestamp: number, ref: ActionRef): number {
    let low = 0;
    let high = this.#actions.length;
    if (isBefore(this.#actions.at(-1), timestamp, ref)) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#actions[middle], timestamp, ref)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(action: Action | undefined, timestamp: number, ref: ActionRef): boolean {
  if (action === undefined) return true;
  return action.timestamp < timestamp || (action.timestamp === timestamp && action.ref < ref);
}

/** Actions at the same microsecond: an Audit-ID alone is the client's choice. */
function isSameAction(a: Action | undefined, b: Action): boolean {
  return (
    a?.auditID === b.auditID &&
    a.verb === b.verb &&
    a.subresource === b.subresource &&
    a.code === b.code &&
    a.actor.user === b.actor.user &&
    keyString(a.object) === keyString(b.object)
  );
}

function fits(key: ObjectKey, selector: ObjectSelector): boolean {
  return (
    (selector.group === undefined || selector.group === key.group) &&
    (selector.resource === undefined || selector.resource === key.resource) &&
    (selector.namespace === undefined || selector.namespace === key.namespace) &&
    (selector.name === undefined || selector.name === key.name)
  );
}
