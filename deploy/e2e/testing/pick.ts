/** Reaching into an answer. */
import assert from 'node:assert/strict';
import {
  isArray,
  isObject,
  member,
  parseJson,
  stringMember,
  type JsonValue,
} from '../../../src/model/json.ts';

/** What stands at the end of the way: member by name, item by number; undefined where the way ends before. */
export function pick(
  value: JsonValue | undefined,
  ...way: readonly (string | number)[]
): JsonValue | undefined {
  let here = value;
  for (const step of way) {
    if (isArray(here) && typeof step === 'number') here = here.at(step);
    else if (isObject(here) && typeof step === 'string') here = member(here, step);
    else return undefined;
  }
  return here;
}

/** The `items` of a list (or whatever list stands at the end of the way); fails where there is none. */
export function itemsOf(value: JsonValue, ...way: readonly (string | number)[]): readonly JsonValue[] {
  const items = pick(value, ...(way.length === 0 ? ['items'] : way));
  assert.ok(isArray(items), `no list in ${JSON.stringify(value).slice(0, 1000)}`);
  return items;
}

/** The item that has this text in that member. */
export function itemWith(items: readonly JsonValue[], key: string, text: string): JsonValue | undefined {
  return items.find((item) => isObject(item) && stringMember(item, key) === text);
}

/** The members of that name, in order. */
export function membersOf(items: readonly JsonValue[], ...way: readonly (string | number)[]): JsonValue[] {
  return items.map((item) => pick(item, ...way) ?? null);
}

/** Parses text that must be JSON. */
export function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new Error(`this is no JSON: ${text.slice(0, 1000)}`, { cause: error });
  }
}
