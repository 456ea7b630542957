/**
 * A JSON Patch (RFC 6902) of an object whose values are not kept. Where a value is put says what it is.
 *
 * Pointers are read as kube-apiserver's library reads them (gopkg.in/evanphx/json-patch.v4): what stands before the first
 * slash does not count.
 */
import type { JsonArray, JsonObject, JsonValue } from '../../model/json.ts';
import { isObject, member } from '../../model/json.ts';
import { redactBody } from './body.ts';
import { mark } from './marker.ts';
import { redactMetadataAt } from './metadata.ts';
import { type Reading, redactDatum, redactDeep, redactMember } from './values.ts';

const OPERATIONS: ReadonlySet<JsonValue> = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** The same operations in the same places, without their values. */
export function redactJsonPatch(patch: JsonArray, reading: Reading): JsonArray {
  // Its values are whole: null in them removes nothing.
  const whole = { ...reading, isPatch: false };
  return patch.map((operation) =>
    isObject(operation) ? redactOperation(operation, whole) : mark(reading.digest, operation),
  );
}

function redactOperation(operation: JsonObject, reading: Reading): JsonObject {
  const path = member(operation, 'path');
  return Object.fromEntries(
    Object.entries(operation).map(([key, value]) => {
      const stays =
        key === 'op' ? OPERATIONS.has(value) : isPointerMember(key) && keysOf(value) !== undefined;
      if (stays) return [key, value];
      return [key, key === 'value' ? redactAt(keysOf(path), value, reading) : mark(reading.digest, value)];
    }),
  );
}

function isPointerMember(key: string): boolean {
  return key === 'path' || key === 'from';
}

/** The keys that lead to a place; undefined where a text is no pointer. */
export function keysOf(pointer: JsonValue | undefined): readonly string[] | undefined {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.includes('/'))) return undefined;
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What is put at a place. */
function redactAt(keys: readonly string[] | undefined, value: JsonValue, reading: Reading): JsonValue {
  const { digest, resource } = reading;
  if (keys === undefined) return mark(digest, value);
  const [first, ...below] = keys;
  if (first === undefined) return redactBody(value, reading);
  if (first === 'metadata') return redactMetadataAt(digest, below, value);
  if (below.length === 0) {
    // Texts that are to be: those of a Secret are markers on their own.
    return first === 'stringData' ? redactDeep(value, reading) : redactMember(first, value, reading);
  }
  const isBase64 = first === (resource === 'configmaps' ? 'binaryData' : 'data') && resource !== 'other';
  return isBase64 && below.length === 1 ? redactDatum(value, reading) : redactDeep(value, reading);
}
