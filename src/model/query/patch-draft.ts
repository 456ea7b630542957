/**
 * A value that a patch can be applied to in place: objects are Maps, so that no key is special.
 * Used to hold a patch against what it promises before it is given away.
 */
import { isArray, isObject, member, type JsonValue } from '../json.ts';
import type { Location } from './select.ts';

/** An operation whose path is not text yet. */
export interface LocatedOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly location: Location;
  readonly value?: JsonValue;
}

/** A JSON value that may be written to. */
export type Draft = string | number | bigint | boolean | null | Draft[] | Map<string, Draft>;

/** A draft of a value; nothing is shared with it. */
export function draftOf(value: JsonValue): Draft {
  if (isArray(value)) return value.map(draftOf);
  if (!isObject(value)) return value;
  return new Map(Object.entries(value).map(([key, item]) => [key, draftOf(item)]));
}

/** Whether the draft has become this value. */
export function draftEquals(draft: Draft, value: JsonValue): boolean {
  if (Array.isArray(draft)) {
    return (
      isArray(value) &&
      draft.length === value.length &&
      draft.every((item, index) => {
        const other = value[index];
        return other !== undefined && draftEquals(item, other);
      })
    );
  }
  if (!(draft instanceof Map)) return draft === value;
  if (!isObject(value) || Object.keys(value).length !== draft.size) return false;
  return [...draft].every(([key, item]) => {
    const other = member(value, key);
    return other !== undefined && draftEquals(item, other);
  });
}

/** Applies one operation as RFC 6902 has it. @returns false where the target does not exist */
export function applyToDraft(draft: Draft, { op, location, value }: LocatedOperation): boolean {
  const last = location.at(-1);
  const parent = location.slice(0, -1).reduce<Draft | undefined>(childOf, draft);
  if (last === undefined || parent === undefined) return false;
  if (op !== 'add' && childOf(parent, last) === undefined) return false;
  const written = value === undefined ? undefined : draftOf(value);
  if (Array.isArray(parent)) return writeEntry(parent, Number(last), op, written);
  if (!(parent instanceof Map)) return false;
  if (op === 'remove') return parent.delete(String(last));
  if (written === undefined) return false;
  parent.set(String(last), written);
  return true;
}

function writeEntry(
  list: Draft[],
  position: number,
  op: LocatedOperation['op'],
  written: Draft | undefined,
): boolean {
  if (!(position <= list.length)) return false;
  if (op === 'remove') list.splice(position, 1);
  else if (written === undefined) return false;
  else list.splice(position, op === 'add' ? 0 : 1, written);
  return true;
}

function childOf(parent: Draft | undefined, key: string | number): Draft | undefined {
  if (Array.isArray(parent)) return parent[Number(key)];
  return parent instanceof Map ? parent.get(String(key)) : undefined;
}
