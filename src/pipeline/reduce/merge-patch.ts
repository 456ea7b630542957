/** JSON merge patch, RFC 7396, on immutable values. */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isObject, member } from '../../model/json.ts';

/** The document after the patch: null removes a member, objects merge, everything else replaces. */
export function applyMergePatch(document: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  return mergeMembers(isObject(document) ? document : {}, patch);
}

function mergeMembers(document: JsonObject, patch: JsonObject): JsonObject {
  const kept = Object.entries(document).filter(([key]) => !Object.hasOwn(patch, key));
  const merged = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => [key, applyMergePatch(member(document, key), value)] as const);
  return Object.fromEntries<JsonValue>([...kept, ...merged]);
}
