/**
 * Where a field path leads in two contents at once: each occurrence with its counterpart.
 *
 * Invariant: the occurrences' `from` sides are what `selectField` finds in the one content, their `to` sides what it finds
 * in the other.
 */
import { bareName, keyStep, type FieldPath, type FieldStep, type SelectorStep } from '../field-path.ts';
import { isArray, isObject, member, type JsonArray, type JsonObject, type JsonValue } from '../json.ts';
import { alignLists, mergedOrder } from './align.ts';
import { admits } from './select.ts';

/** The value that a path leads to in two contents; undefined on the side that lacks it, never on both. */
export interface AlignedOccurrence {
  /** The concrete path, entries of lists named by their key. */
  readonly path: FieldPath;
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
  /** Whether another occurrence holds this one (a bare name inside a member of that name). */
  readonly nested: boolean;
}

/** All occurrences of a path in either of two contents, each entry of a list with its counterpart. */
export function selectAligned(from: JsonObject, to: JsonObject, path: FieldPath): AlignedOccurrence[] {
  const found: AlignedOccurrence[] = [];
  const name = bareName(path);
  if (name === undefined) {
    followAligned({ path: [], from, to }, path, found);
    return found;
  }
  const root: Pair = { path: [], from, to };
  for (const { scope, pair } of scopesOf(root)) {
    findNameAligned(scope === undefined ? pair : step(pair, scope), name, false, found);
  }
  return found;
}

/** Where a bare name is looked for: together in both specs or both contents, else in each content for itself. */
function scopesOf(root: Pair): readonly { readonly scope: 'spec' | undefined; readonly pair: Pair }[] {
  const scopes = [root.from, root.to].map((content) =>
    isObject(content) && Object.hasOwn(content, 'spec') ? 'spec' : undefined,
  );
  const [from, to] = scopes;
  if (from === to) return [{ scope: from, pair: root }];
  return [
    { scope: from, pair: { ...root, to: undefined } },
    { scope: to, pair: { ...root, from: undefined } },
  ];
}

/** A part of two contents. */
interface Pair {
  readonly path: FieldPath;
  readonly from: JsonValue | undefined;
  readonly to: JsonValue | undefined;
}

function followAligned(pair: Pair, path: FieldPath, found: AlignedOccurrence[]): void {
  if (pair.from === undefined && pair.to === undefined) return;
  const [next, ...rest] = path;
  if (next === undefined) {
    found.push({ ...pair, nested: false });
    return;
  }
  for (const side of sameKind(pair)) {
    const lists = listsOf(side);
    if (lists === undefined) {
      if (next.type === 'key') followAligned(step(side, next.key), rest, found);
    } else if (next.type === 'index') {
      // A position is the asker's word for the entry: it is taken on both sides, whatever moved.
      followAligned(entryPair(side, lists, next, next.index, next.index), rest, found);
    } else {
      for (const entry of entryPairs(side, lists)) {
        if (next.type === 'key') followAligned(entry, path, found);
        else followAligned(admitted(next, entry), rest, found);
      }
    }
  }
}

function findNameAligned(pair: Pair, name: string, nested: boolean, found: AlignedOccurrence[]): void {
  for (const side of sameKind(pair)) {
    const lists = listsOf(side);
    if (lists !== undefined) {
      for (const entry of entryPairs(side, lists)) findNameAligned(entry, name, nested, found);
    } else {
      for (const key of mergedOrder(keysOf(side.from), keysOf(side.to))) {
        const item = step(side, key);
        if (key === name) found.push({ ...item, nested });
        findNameAligned(item, name, nested || key === name, found);
      }
    }
  }
}

/** The pair, or its sides apart where one is a list and the other is not. */
function sameKind(pair: Pair): readonly Pair[] {
  const { from, to } = pair;
  if (from === undefined || to === undefined || isArray(from) === isArray(to)) return [pair];
  return [
    { ...pair, to: undefined },
    { ...pair, from: undefined },
  ];
}

interface Lists {
  readonly from: JsonArray;
  readonly to: JsonArray;
}

function listsOf({ from, to }: Pair): Lists | undefined {
  if (!isArray(from) && !isArray(to)) return undefined;
  return { from: isArray(from) ? from : [], to: isArray(to) ? to : [] };
}

function entryPairs(pair: Pair, lists: Lists): Pair[] {
  const last = pair.path.at(-1);
  const field = last?.type === 'key' ? last.key : undefined;
  return alignLists(field, lists.from, lists.to).entries.map(({ step: name, from, to }) =>
    entryPair(pair, lists, name, from, to),
  );
}

function entryPair(pair: Pair, lists: Lists, name: FieldStep, from?: number, to?: number): Pair {
  return {
    path: [...pair.path, name],
    from: from === undefined ? undefined : lists.from[from],
    to: to === undefined ? undefined : lists.to[to],
  };
}

function step(pair: Pair, key: string): Pair {
  return {
    path: [...pair.path, keyStep(key)],
    from: isObject(pair.from) ? member(pair.from, key) : undefined,
    to: isObject(pair.to) ? member(pair.to, key) : undefined,
  };
}

/** The sides of an entry that a selector admits. */
function admitted(selector: SelectorStep, entry: Pair): Pair {
  const { from, to } = entry;
  return {
    path: entry.path,
    from: from !== undefined && admits(selector, from, -1) ? from : undefined,
    to: to !== undefined && admits(selector, to, -1) ? to : undefined,
  };
}

function keysOf(value: JsonValue | undefined): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}
