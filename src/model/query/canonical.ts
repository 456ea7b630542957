/** JSON text that is equal where, and only where, two values are equal as JSON. */
import { isArray, isObject, type JsonValue } from '../json.ts';

/** A value's text with the keys of objects in order. Long integers are told from numbers, as `equalJson` tells them. */
export function canonicalText(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}:${canonicalText(item)}`,
    );
    return `{${members.sort().join(',')}}`;
  }
  // -0 and 0 are one number; JSON.stringify writes both as 0.
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}
