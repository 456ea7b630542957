/**
 * Where a field path leads in a content. select-aligned.ts says the same of two contents at once.
 *
 * A path is followed from the content's root. A bare attribute name is looked for at any depth: in the spec, or in the
 * whole content where there is none. A key applied to a list goes through all its entries, through lists inside it too.
 */
import {
  bareName,
  type FieldPath,
  type IndexStep,
  type SelectorPart,
  type SelectorStep,
} from '../field-path.ts';
import { isArray, isObject, member, type JsonObject, type JsonValue } from '../json.ts';
import { absentText, scalarText } from '../list-keys.ts';

/** A place in one content: keys of objects and positions in lists. */
export type Location = readonly (string | number)[];

/** A value that a path leads to. */
export interface Occurrence {
  readonly location: Location;
  readonly value: JsonValue;
}

/** All occurrences of a path in a content, in the content's order. */
export function selectField(content: JsonObject, path: FieldPath): Occurrence[] {
  const found: Occurrence[] = [];
  const name = bareName(path);
  if (name === undefined) {
    follow(content, path, [], found);
  } else {
    const spec = member(content, 'spec');
    findName(spec ?? content, name, spec === undefined ? [] : ['spec'], found);
  }
  return found;
}

function follow(value: JsonValue, path: FieldPath, location: Location, found: Occurrence[]): void {
  const [next, ...rest] = path;
  if (next === undefined) {
    found.push({ location, value });
  } else if (isArray(value)) {
    value.forEach((entry, position) => {
      if (next.type === 'key') follow(entry, path, [...location, position], found);
      else if (admits(next, entry, position)) follow(entry, rest, [...location, position], found);
    });
  } else if (isObject(value) && next.type === 'key') {
    const item = member(value, next.key);
    if (item !== undefined) follow(item, rest, [...location, next.key], found);
  }
}

function findName(value: JsonValue, name: string, location: Location, found: Occurrence[]): void {
  if (isArray(value)) {
    value.forEach((entry, position) => findName(entry, name, [...location, position], found));
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === name) found.push({ location: [...location, key], value: item });
      findName(item, name, [...location, key], found);
    }
  }
}

/** Whether a position or a selector means this entry. */
export function admits(wanted: IndexStep | SelectorStep, entry: JsonValue, position: number): boolean {
  if (wanted.type === 'index') return wanted.index === position;
  return isObject(entry) && wanted.parts.every((part) => hasPart(entry, part));
}

function hasPart(entry: JsonObject, { key, value }: SelectorPart): boolean {
  const actual = member(entry, key);
  return (actual === undefined ? absentText(entry, key) : scalarText(actual)) === value;
}
