/**
 * RFC 6902 patches, by just-diff.
 *
 * just-diff 6.0.2 is wrong on some input, which is kept from it or found out:
 * - it asks `key in object`, and so takes `constructor` or `toString` for present: it is given copies without the
 *   members of Object.prototype;
 * - it compares list entries by String(entry), which makes all objects equal, and throws on a key `toString`: the copies say their
 *   JSON text instead;
 * - it subtracts the members `length` of objects, which throws on a bigint: the copies have texts for these;
 * - its converter does not escape `/` and `~` in keys: paths are converted here;
 * - removals inside an entry of a list that was shortened at its head get the wrong position (it mixes the old list's
 *   positions with the new one's): every patch is applied before it is given away, and where the result is not the
 *   wanted one, made anew of smaller parts, in the end by replacing the list.
 *
 * Invariant: applying the operations in order to `from` gives `to`.
 */
import { diff } from 'just-diff';
import { isArray, isObject, member, type JsonObject, type JsonValue } from '../json.ts';
import { canonicalText } from './canonical.ts';
import type { Location } from './select.ts';
import { applyToDraft, draftEquals, draftOf, type LocatedOperation } from './patch-draft.ts';

/** One operation of a JSON Patch. `value` is absent for `remove`. */
export interface PatchOperation {
  /** What to do, as RFC 6902 calls it. */
  readonly op: 'add' | 'remove' | 'replace';
  /** A JSON Pointer (RFC 6901). */
  readonly path: string;
  /** The value to put there. */
  readonly value?: JsonValue;
}

/** The patch that makes `to` of `from`. */
export function makePatch(from: JsonObject, to: JsonObject): PatchOperation[] {
  return patchAt([], from, to).map(({ op, location, value }) => {
    const path = formatPointer(location);
    return value === undefined ? { op, path } : { op, path, value };
  });
}

/** A JSON Pointer to a place. */
export function formatPointer(location: Location): string {
  return location.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function patchAt(location: Location, from: JsonValue, to: JsonValue): LocatedOperation[] {
  if (from === to) return [];
  const bothObjects = isObject(from) && isObject(to);
  if (bothObjects || (isArray(from) && isArray(to))) {
    const operations = justDiff(from, to);
    if (leadsTo(from, operations, to)) {
      return operations.map(({ op, location: inside, value }) => locate(op, [...location, ...inside], value));
    }
  }
  return bothObjects ? patchMembers(location, from, to) : [{ op: 'replace', location, value: to }];
}

function patchMembers(location: Location, from: JsonObject, to: JsonObject): LocatedOperation[] {
  const removals = Object.keys(from)
    .filter((key) => !Object.hasOwn(to, key))
    .map((key): LocatedOperation => ({ op: 'remove', location: [...location, key] }));
  const others = Object.entries(to).flatMap(([key, value]): LocatedOperation[] => {
    const before = member(from, key);
    const at = [...location, key];
    return before === undefined ? [{ op: 'add', location: at, value }] : patchAt(at, before, value);
  });
  return [...removals, ...others];
}

function justDiff(from: object & JsonValue, to: object & JsonValue): LocatedOperation[] {
  const found: readonly { op: LocatedOperation['op']; path: Location }[] = diff(
    comparable(from),
    comparable(to),
  );
  return found.map(({ op, path: location }) => {
    // Added and replaced values stand in the end content at the same place; just-diff's are copies.
    const value = op === 'remove' ? undefined : valueAt(to, location);
    return locate(op, location, value);
  });
}

function locate(
  op: LocatedOperation['op'],
  location: Location,
  value: JsonValue | undefined,
): LocatedOperation {
  return value === undefined ? { op, location } : { op, location, value };
}

function leadsTo(from: JsonValue, operations: readonly LocatedOperation[], to: JsonValue): boolean {
  const draft = draftOf(from);
  return operations.every((operation) => applyToDraft(draft, operation)) && draftEquals(draft, to);
}

function valueAt(value: JsonValue, location: Location): JsonValue | undefined {
  return location.reduce<JsonValue | undefined>((at, key) => {
    if (isArray(at)) return at[Number(key)];
    return isObject(at) ? member(at, String(key)) : undefined;
  }, value);
}

/** What copies inherit in place of Object.prototype. */
const COMPARABLE = {
  __proto__: null,
  [Symbol.toPrimitive](this: JsonObject): string {
    return canonicalText(this);
  },
};

function comparable(value: JsonValue): object {
  return Object(copyOf(value));
}

function copyOf(value: JsonValue): unknown {
  if (isArray(value)) return value.map(copyOf);
  // A mark that no text has but by malice, and then the patch is found wrong and made anew.
  if (typeof value === 'bigint') return `\0bigint ${value}`;
  if (!isObject(value)) return value;
  return Object.setPrototypeOf(
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)])),
    COMPARABLE,
  );
}
