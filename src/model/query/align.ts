/**
 * Which parts of two values are the same part, at two times.
 *
 * Lists with a key (list-keys.ts) are matched by it, and their entries are named by it: `[name=web]`. All other lists keep
 * their longest common subsequence; what lies between two entries that stayed is paired by position, and entries are
 * named by position: in the new list, or in the old one for entries that are gone.
 */
import type { FieldStep } from '../field-path.ts';
import type { JsonArray, JsonObject, JsonValue } from '../json.ts';
import { chooseListKey, keyTexts, type ListKey } from '../list-keys.ts';
import { commonSubsequence, type PositionPair } from './common-subsequence.ts';

/** One entry of two lists; a position is undefined on the side that lacks the entry. Never on both. */
export interface AlignedEntry {
  readonly step: FieldStep;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** The entries of two lists, in the order of the new one, what is gone standing where it was. */
export interface ListAlignment {
  readonly entries: readonly AlignedEntry[];
  /**
   * The keys of the entries that stayed, in the old and in the new order, where these differ; only for lists with a
   * key. A key of one member is that member's value, a longer one an object.
   */
  readonly reordered: { readonly from: JsonArray; readonly to: JsonArray } | undefined;
}

/**
 * Aligns two lists.
 * @param field the name of the member that holds them
 */
export function alignLists(field: string | undefined, from: JsonArray, to: JsonArray): ListAlignment {
  const key = chooseListKey(field, [from, to]);
  return key === undefined
    ? { entries: alignByEquality(from, to), reordered: undefined }
    : alignByKey(key, from, to);
}

/** The new order of two sets of keys: that of `to`, each key that is gone after the one it stood behind. */
export function mergedOrder(from: readonly string[], to: readonly string[]): readonly string[] {
  const stays = new Set(to);
  const goneBehind = new Map<string | undefined, string[]>();
  let last: string | undefined;
  for (const key of from) {
    if (stays.has(key)) {
      last = key;
      continue;
    }
    const gone = goneBehind.get(last);
    if (gone === undefined) goneBehind.set(last, [key]);
    else gone.push(key);
  }
  return [
    ...(goneBehind.get(undefined) ?? []),
    ...to.flatMap((key) => [key, ...(goneBehind.get(key) ?? [])]),
  ];
}

function alignByKey(key: ListKey, from: JsonArray, to: JsonArray): ListAlignment {
  const identity = (entry: JsonValue) => JSON.stringify(keyTexts(entry, key));
  const fromAt = new Map(from.map((entry, position) => [identity(entry), position]));
  const toAt = new Map(to.map((entry, position) => [identity(entry), position]));
  const entries = mergedOrder([...fromAt.keys()], [...toAt.keys()]).map((id): AlignedEntry => {
    const [fromPosition, toPosition] = [fromAt.get(id), toAt.get(id)];
    const entry = toPosition === undefined ? from[fromPosition ?? 0] : to[toPosition];
    return { step: selectorStep(key, entry), from: fromPosition, to: toPosition };
  });

  const stayed = entries.flatMap(({ from: before, to: after }): PositionPair[] =>
    before === undefined || after === undefined ? [] : [[before, after]],
  );
  const inOrder = stayed.every(([before], index) => index === 0 || (stayed[index - 1]?.[0] ?? 0) < before);
  if (inOrder) return { entries, reordered: undefined };
  const old = stayed.map(([before]) => before).sort((a, b) => a - b);
  return {
    entries,
    reordered: {
      from: old.map((position) => keyValue(key, from[position])),
      to: stayed.map(([, position]) => keyValue(key, to[position])),
    },
  };
}

function alignByEquality(from: JsonArray, to: JsonArray): AlignedEntry[] {
  const entries: AlignedEntry[] = [];
  let [i, j] = [0, 0];
  const end: PositionPair = [from.length, to.length];
  for (const [nextFrom, nextTo] of [...commonSubsequence(from, to), end]) {
    while (i < nextFrom || j < nextTo) {
      entries.push(entryAt(i < nextFrom ? i++ : undefined, j < nextTo ? j++ : undefined));
    }
    if (nextFrom < from.length) entries.push(entryAt(i++, j++));
  }
  return entries;
}

function entryAt(from: number | undefined, to: number | undefined): AlignedEntry {
  return { step: { type: 'index', index: to ?? from ?? 0 }, from, to };
}

function selectorStep(key: ListKey, entry: JsonValue | undefined): FieldStep {
  const texts = keyTexts(entry, key) ?? [];
  return {
    type: 'selector',
    parts: key.map(({ name }, index) => ({ key: name, value: texts[index] ?? '' })),
  };
}

function keyValue(key: ListKey, entry: JsonValue | undefined): JsonValue {
  const texts = keyTexts(entry, key) ?? [];
  if (key.length === 1) return texts[0] ?? '';
  const members: JsonObject = Object.fromEntries(key.map(({ name }, index) => [name, texts[index] ?? '']));
  return members;
}
