/**
 * A body of a resource whose values are kept → the same body, less the values of Secrets that stand in it: in manifests to
 * be applied elsewhere, in templates and lists, in annotations of what was applied.
 *
 * A Secret there is data to whoever stores it: only its values become markers, `stringData` stays `stringData` and null
 * stays null. Text is not read, but for annotations of what was applied.
 * Invariant: what holds nothing of the kind is handed on as it is, the same value, at the cost of looking at it once.
 */
import type { JsonArray, JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, parseJson } from '../../model/json.ts';
import { MARKER_PREFIX } from '../../model/redacted.ts';
import { isApplied } from './annotations.ts';
import { keysOf } from './json-patch.ts';
import { type Digest, mark } from './marker.ts';
import { type Reading, redactDatum, redactEntry } from './values.ts';

/** A whole body. Only a JSON Patch is an array. */
export function redactNested(body: JsonValue, digest: Digest): JsonValue {
  const walk: Walk = { digest, inText: false };
  return isArray(body)
    ? mapItems(body, (operation) => redactOperation(operation, walk))
    : redactPart(body, walk);
}

interface Walk {
  readonly digest: Digest;
  /** Whether what is walked was itself a text: texts in it are not parsed again, however many stand in each other. */
  readonly inText: boolean;
}

/** The kind of the list that an object is an item of: it speaks for what the item does not say. */
type ListKind = 'SecretList' | 'List' | undefined;

function redactPart(value: JsonValue, walk: Walk, list?: ListKind): JsonValue {
  if (isArray(value)) return mapItems(value, (item) => redactPart(item, walk));
  return isObject(value) ? redactObject(value, walk, list) : value;
}

function redactObject(object: JsonObject, walk: Walk, list: ListKind): JsonObject {
  const { digest } = walk;
  const isOfSecret = isSecret(object, list);
  const items = listKindOf(object);
  return mapMembers(object, (key, value) => {
    if (isOfSecret && key === 'data') return redactData(value, digest);
    if (isOfSecret && key === 'stringData') return redactLeaves(value, patchOf(digest));
    if (isOfSecret && key === 'metadata') return redactSecretMetadata(value, digest);
    if (key === 'annotations' && isObject(value)) return redactAnnotations(value, walk);
    if (key === 'items' && items !== undefined && isArray(value)) {
      return mapItems(value, (item) => redactPart(item, walk, items));
    }
    return redactPart(value, walk);
  });
}

/** A reference to a Secret has its kind, too, but no values. */
function isSecret(object: JsonObject, list: ListKind): boolean {
  const kind = member(object, 'kind') ?? (list === 'SecretList' ? 'Secret' : undefined);
  const apiVersion = member(object, 'apiVersion') ?? (list === undefined ? undefined : 'v1');
  if (kind !== 'Secret' || apiVersion !== 'v1') return false;
  return isObject(member(object, 'data')) || isObject(member(object, 'stringData'));
}

function listKindOf(object: JsonObject): ListKind {
  const kind = member(object, 'kind');
  return (kind === 'SecretList' || kind === 'List') && member(object, 'apiVersion') === 'v1'
    ? kind
    : undefined;
}

function patchOf(digest: Digest): Reading {
  return { digest, resource: 'secrets', isPatch: true };
}

/** Base64, compared as its bytes. */
function redactData(data: JsonValue, digest: Digest): JsonValue {
  const reading = patchOf(digest);
  if (!isObject(data)) return redactLeaves(data, reading);
  return mapMembers(data, (key, value) =>
    typeof value === 'string' && key !== '$patch'
      ? redactDatum(value, reading)
      : redactLeaves(value, reading, key),
  );
}

/** What is no map of texts keeps its shape. @param key where it stands */
function redactLeaves(value: JsonValue, reading: Reading, key = ''): JsonValue {
  if (isArray(value)) return mapItems(value, (item) => redactLeaves(item, reading));
  if (isObject(value)) return mapMembers(value, (name, item) => redactLeaves(item, reading, name));
  return redactEntry(key, value, reading);
}

function redactSecretMetadata(metadata: JsonValue, digest: Digest): JsonValue {
  if (!isObject(metadata)) return metadata;
  return mapMembers(metadata, (key, value) =>
    key === 'annotations' && isObject(value)
      ? mapMembers(value, (name, text) => (isApplied(name) && text !== null ? mark(digest, text) : text))
      : value,
  );
}

function redactAnnotations(annotations: JsonObject, walk: Walk): JsonObject {
  return mapMembers(annotations, (name, value) => redactAnnotation(name, value, walk));
}

function redactAnnotation(name: string, value: JsonValue, walk: Walk): JsonValue {
  if (!isApplied(name)) return value;
  if (typeof value !== 'string') return redactPart(value, walk);
  const holds = walk.inText ? value.includes(WORD) : holdsSecret(value);
  return holds ? mark(walk.digest, value) : value;
}

/** No Secret's kind is written without it, but with letters escaped. */
const WORD = 'Secret';
const ESCAPED = String.raw`\u00`;

/** Whether a text is the JSON of something with a Secret in it, or cannot be told. */
function holdsSecret(text: string): boolean {
  const says = text.includes(WORD);
  if (!says && !text.includes(ESCAPED)) return false;
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return says;
  }
  return redactPart(value, { digest: () => MARKER_PREFIX, inText: true }) !== value;
}

/** An operation of a JSON Patch. An annotation can be put at a place of its own. */
function redactOperation(operation: JsonValue, walk: Walk): JsonValue {
  const keys = isObject(operation) ? keysOf(member(operation, 'path')) : undefined;
  if (!isObject(operation) || keys === undefined) return redactPart(operation, walk);
  const [before, last] = keys.slice(-2);
  return mapMembers(operation, (key, value) => {
    if (key !== 'value') return redactPart(value, walk);
    if (before === 'annotations' && last !== undefined) return redactAnnotation(last, value, walk);
    const isMap = (last ?? before) === 'annotations' && isObject(value);
    return isMap ? redactAnnotations(value, walk) : redactPart(value, walk);
  });
}

/** Items, each mapped; the same array where no item changes. */
function mapItems(items: JsonArray, map: (item: JsonValue) => JsonValue): JsonArray {
  let mapped: JsonValue[] | undefined;
  let at = 0;
  for (const item of items) {
    const next = map(item);
    if (next !== item) mapped ??= items.slice(0, at);
    mapped?.push(next);
    at += 1;
  }
  return mapped ?? items;
}

/** Members, each mapped; the same object where no member changes. */
function mapMembers(object: JsonObject, map: (key: string, value: JsonValue) => JsonValue): JsonObject {
  let changed: Map<string, JsonValue> | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] ?? null;
    const next = map(key, value);
    if (next !== value) (changed ??= new Map()).set(key, next);
  }
  if (changed === undefined) return object;
  const entries = Object.entries(object);
  return Object.fromEntries(entries.map(([key, value]) => [key, changed.get(key) ?? value]));
}
