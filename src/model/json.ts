/**
 * JSON values as the audit log carries them.
 *
 * Integers that a double cannot hold (int64 fields of custom resources, for example) are bigints, so that what was
 * stored is what is shown. Values are immutable by type and shared between versions: never write into one.
 */

/** Any JSON value; integers beyond ±2^53 are bigints. */
export type JsonValue = string | number | bigint | boolean | null | JsonArray | JsonObject;
export type JsonArray = readonly JsonValue[];
export type JsonObject = { readonly [key: string]: JsonValue };

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a JSON array. `Array.isArray` alone does not narrow a readonly array. */
export function isArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

/** An own member of an object: never one inherited from Object.prototype (`constructor`, `__proto__`). */
export function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The string at `key`, or undefined where it is absent or of another type. */
export function stringMember(object: JsonObject, key: string): string | undefined {
  const value = member(object, key);
  return typeof value === 'string' ? value : undefined;
}

/** The object at `key`, or undefined where it is absent or of another type. */
export function objectMember(object: JsonObject, key: string): JsonObject | undefined {
  const value = member(object, key);
  return isObject(value) ? value : undefined;
}

/** Where a number may be an integer that a double rounds: sixteen digits or more in a row, outside an exponent. */
const LONG_INTEGER = /(?:^|[:[,\s])-?[0-9]{16}/;

/**
 * Parses JSON text; integers that would be rounded become bigints.
 *
 * The depth is asked first: JSON.parse of a text that is cut off some thousand levels deep has been seen to corrupt the
 * memory of the engine (V8 of Node 26.10), and whatever walks a value that deep exhausts the stack.
 * @throws SyntaxError when the text is not one JSON value
 * @throws JsonTooDeep where the nesting exceeds JSON_DEPTH_MAX
 */
export function parseJson(text: string): JsonValue {
  if (isTooDeep(text)) throw new JsonTooDeep();
  const value: JsonValue = LONG_INTEGER.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
  return value;
}

/** Whether a text, up to where it stops being JSON, nests deeper than JSON_DEPTH_MAX. */
function isTooDeep(text: string): boolean {
  return hasManyBrackets(text) && exceedsDepth(text);
}

/** Whether a text has brackets enough to be too deep; almost none has, and this is far quicker than to look at each character. */
function hasManyBrackets(text: string): boolean {
  if (text.length <= JSON_DEPTH_MAX) return false;
  let left = JSON_DEPTH_MAX;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (left === 0) return true;
      left -= 1;
    }
  }
  return false;
}

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

function exceedsDepth(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at);
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        depth += 1;
        if (depth > JSON_DEPTH_MAX) return true;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth -= 1;
    }
  }
  return false;
}

/** Where the string that begins at `start` has its closing quote; the end of the text if it has none. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

function keepLongIntegers(_key: string, value: JsonValue, context?: { readonly source?: string }): JsonValue {
  return typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value;
}

/** A number's JSON text as a value: a bigint where it is an integer that a double would round. */
export function exactNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?[0-9]+$/.test(text) ? value : BigInt(text);
}

declare global {
  interface JSON {
    /** https://github.com/tc39/proposal-json-parse-with-source: not yet in TypeScript's own library. */
    rawJSON(text: string): unknown;
  }
}

/** JSON text of a value; bigints are written as the integers they are. `indent` as in JSON.stringify. */
export function stringifyJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, writeBigInt, indent);
}

function writeBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(value.toString()) : value;
}

/** Whether two values are equal as JSON: the order of an object's keys does not matter, the order of a list does. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (isArray(a)) {
    return isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
  );
}

/**
 * `next`, built of the parts of `known` wherever they are equal; `known` itself if nothing differs.
 * So versions of one object share what they have in common, and `===` says that a part has not changed.
 * @throws JsonTooDeep where the nesting exceeds JSON_DEPTH_MAX
 */
export function shareJson(known: JsonValue | undefined, next: JsonValue, depth = 0): JsonValue {
  if (known === next) return next;
  if (depth > JSON_DEPTH_MAX) throw new JsonTooDeep();
  if (isArray(next)) {
    const before = isArray(known) ? known : [];
    const items = next.map((item, index) => shareJson(before[index], item, depth + 1));
    const same = items.length === before.length && items.every((item, index) => item === before[index]);
    return same && isArray(known) ? known : items;
  }
  if (isObject(next)) {
    const before = isObject(known) ? known : {};
    const entries = Object.entries(next).map(
      ([key, item]) => [key, shareJson(member(before, key), item, depth + 1)] as const,
    );
    const same =
      entries.length === Object.keys(before).length &&
      entries.every(([key, item]) => Object.hasOwn(before, key) && before[key] === item);
    return same && isObject(known) ? known : Object.fromEntries(entries);
  }
  return next;
}

/** How deep a line or a body may nest. kube-apiserver's own decoders stop far earlier for every built-in kind. */
export const JSON_DEPTH_MAX = 1000;

/** A text or a body nests deeper than JSON_DEPTH_MAX: walking it could exhaust the stack. */
export class JsonTooDeep extends Error {
  override readonly name = 'JsonTooDeep';
  readonly code = 'JSON_TOO_DEEP';
  constructor() {
    super(`JSON nests deeper than ${JSON_DEPTH_MAX} levels`);
  }
}
