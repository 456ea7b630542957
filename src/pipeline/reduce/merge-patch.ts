/** JSON merge patch, RFC 7396, on immutable values. */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isObject, JSON_DEPTH_MAX, JsonTooDeep, member } from '../../model/json.ts';

/**
 * The document after the patch: null removes a member, objects merge, everything else replaces.
 * @throws JsonTooDeep where the patch nests deeper than JSON_DEPTH_MAX
 */
export function applyMergePatch(document: JsonValue | undefined, patch: JsonValue, depth = 0): JsonValue {
  if (!isObject(patch)) return patch;
  if (depth > JSON_DEPTH_MAX) throw new JsonTooDeep();
  return mergeMembers(isObject(document) ? document : {}, patch, depth + 1);
}

function mergeMembers(document: JsonObject, patch: JsonObject, depth: number): JsonObject {
  const kept = Object.entries(document).filter(([key]) => !Object.hasOwn(patch, key));
  const merged = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, applyMergePatch(member(document, key), value, depth)] as const);
  return Object.fromEntries<JsonValue>([...kept, ...merged]);
}
