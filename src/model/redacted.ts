/**
 * What stands in the place of a value that is not kept, as whoever reads a content sees it.
 *
 * Anybody can write a text that looks like a marker: that a content holds one is a reason to warn, never a proof.
 */
import { isArray, isObject, type JsonValue } from './json.ts';

/** How each marker begins. What follows is a keyed digest, in base64url. */
export const MARKER_PREFIX = 'redacted:hmac-sha256:';

/** Whether a marker stands anywhere in a value. Names of members are not looked at. */
export function holdsRedacted(value: JsonValue): boolean {
  const left: JsonValue[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string' && next.startsWith(MARKER_PREFIX)) return true;
    const below = isArray(next) ? next : isObject(next) ? Object.values(next) : [];
    for (const item of below) left.push(item);
  }
  return false;
}
