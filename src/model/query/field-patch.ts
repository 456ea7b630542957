/**
 * The RFC 6902 patch of one field: what makes its values in one content those in another, and leaves the rest alone.
 *
 * A patch addresses list entries by position, a field by key. Where a value's place in the old content is not certain (an
 * entry without a key that moved, a member of something that is not there), there is no patch: half of one would be wrong.
 */
import type { FieldPath } from '../field-path.ts';
import {
  equalJson,
  isArray,
  isObject,
  member,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { makePatch, type PatchOperation } from './patch.ts';
import type { AlignedOccurrence } from './select-aligned.ts';
import { type Location, selectField } from './select.ts';

/** The patch for these occurrences; undefined where a place is not certain. */
export function makeFieldPatch(
  from: JsonObject,
  to: JsonObject,
  occurrences: readonly AlignedOccurrence[],
): PatchOperation[] | undefined {
  let patched: JsonValue = from;
  // From the last to the first: what is taken out of a list moves only what was dealt with.
  for (const occurrence of occurrences.toReversed()) {
    if (occurrence.nested || equalJson(occurrence.from, occurrence.to)) continue;
    const location = locate(from, to, occurrence);
    if (location === undefined) return undefined;
    patched = replaceAt(patched, location, occurrence.to);
  }
  return isObject(patched) ? makePatch(from, patched) : undefined;
}

function locate(old: JsonObject, now: JsonObject, occurrence: AlignedOccurrence): Location | undefined {
  const { path, from, to } = occurrence;
  const last = path.at(-1);
  // Entries without a key are named by where they are now, or were: that is no place in the old content.
  if (path.some(({ type }) => type === 'index')) return undefined;
  // What held it must be there on both sides: where that came or went, the field is not what changed.
  const isHeld = (value: JsonValue): boolean => (last?.type === 'key' ? isObject(value) : isArray(value));
  const [before, after] = [old, now].map((content) => parentPlace(content, path, isHeld));
  if (before === undefined || after === undefined) return undefined;
  if (from !== undefined) return onlyPlace(old, path, (value) => value === from);
  return last?.type === 'key' && to !== undefined ? [...before, last.key] : undefined;
}

function parentPlace(
  content: JsonObject,
  path: FieldPath,
  fits: (value: JsonValue) => boolean,
): Location | undefined {
  return path.length <= 1 ? [] : onlyPlace(content, path.slice(0, -1), fits);
}

function onlyPlace(
  content: JsonObject,
  path: FieldPath,
  fits: (value: JsonValue) => boolean,
): Location | undefined {
  const [first, ...rest] = path;
  if (first?.type === 'key' && rest.length === 0) {
    // A path of one key is a place here, not a name to be found anywhere.
    const value = member(content, first.key);
    return value !== undefined && fits(value) ? [first.key] : undefined;
  }
  const [place, ...others] = selectField(content, path);
  return place !== undefined && others.length === 0 && fits(place.value) ? place.location : undefined;
}

/** The value with another one at a place; undefined takes out what is there. */
function replaceAt(value: JsonValue, [step, ...rest]: Location, next: JsonValue | undefined): JsonValue {
  if (isArray(value)) return replaceEntry(value, Number(step), rest, next);
  if (!isObject(value)) return value;
  const key = String(step);
  const inner = rest.length === 0 ? next : replaceAt(value[key] ?? null, rest, next);
  const others = Object.entries(value).filter(([other]) => other !== key);
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]]);
}

function replaceEntry(
  list: JsonArray,
  index: number,
  rest: Location,
  next: JsonValue | undefined,
): JsonValue {
  if (rest.length > 0) return list.with(index, replaceAt(list[index] ?? null, rest, next));
  return next === undefined ? list.toSpliced(index, 1) : list.with(index, next);
}
