/**
 * A body of a resource whose values are kept → the same body, less the values of Secrets (and of other redacted resources)
 * that stand in it: in manifests to be applied elsewhere, in templates and lists, in JSON text such as what was applied.
 *
 * Such an object is data to whoever stores it: it is redacted member by member, `stringData` stays `stringData` and null
 * stays null, so that a redacted merge patch applied to the redacted body is the patched body redacted.
 * Invariant: what holds nothing of the kind is handed on as it is, the same value, at the cost of looking at it.
 */
import type { JsonArray, JsonObject, JsonValue } from '../../model/json.ts';
import {
  isArray,
  isObject,
  JSON_DEPTH_MAX,
  member,
  parseJson,
  stringifyJson,
  stringMember,
} from '../../model/json.ts';
import { repeatsOf } from './copies.ts';
import { pluralOf, redactedAs } from './kinds.ts';
import { mark } from './marker.ts';
import type { Redactor } from './redactor.ts';
import { type Reading, redactDeep, redactMember } from './values.ts';

/** A whole body. */
export function redactNested(body: JsonValue, redactor: Redactor): JsonValue {
  return redactPart(body, redactor, 0);
}

/** What an object is. The items of a list do not say it: their list does. */
interface Type {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * @param depth how deep it stands; what is in a text stands deeper than the text
 * @param ofList what it is, if it does not say so itself
 */
function redactPart(value: JsonValue, redactor: Redactor, depth: number, ofList?: Type): JsonValue {
  if (typeof value === 'string') return redactText(value, redactor, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > JSON_DEPTH_MAX) return mark(redactor.digest, value);
  return isArray(value) ? redactItems(value, redactor, depth) : redactObject(value, redactor, depth, ofList);
}

function redactItems(items: JsonArray, redactor: Redactor, depth: number, type?: Type): JsonArray {
  let redacted: JsonValue[] | undefined;
  let at = 0;
  for (const item of items) {
    const next = redactPart(item, redactor, depth + 1, type);
    if (next !== item) redacted ??= items.slice(0, at);
    redacted?.push(next);
    at += 1;
  }
  return redacted ?? items;
}

function redactObject(object: JsonObject, redactor: Redactor, depth: number, ofList?: Type): JsonValue {
  const type = typeOf(object) ?? ofList;
  if (type !== undefined) {
    const resource = redactedAs(object, type.apiVersion, type.kind, redactor);
    if (resource !== undefined) return redactWhole(object, resource, redactor);
  }
  let redacted: Map<string, JsonValue> | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key] ?? null;
    const next = redactUnder(object, key, value, redactor, depth, type);
    if (next !== value) {
      redacted ??= new Map(Object.entries(object));
      redacted.set(key, next);
    }
  }
  return redacted === undefined ? object : Object.fromEntries(redacted);
}

function typeOf(object: JsonObject): Type | undefined {
  const kind = member(object, 'kind');
  return typeof kind === 'string'
    ? { apiVersion: stringMember(object, 'apiVersion') ?? '', kind }
    : undefined;
}

function redactWhole(object: JsonObject, resource: Reading['resource'], { digest }: Redactor): JsonObject {
  const reading: Reading = { digest, resource, isPatch: true, repeats: repeatsOf([object]) };
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, redactMember(key, value, reading)]),
  );
}

/** The place of a Secret's text in a JSON Patch. */
const IN_STRING_DATA = /\/stringData(?:\/|$)/;

function redactUnder(
  object: JsonObject,
  key: string,
  value: JsonValue,
  redactor: Redactor,
  depth: number,
  type: Type | undefined,
): JsonValue {
  // Names of members only, in half of all bytes; no version holds them.
  if (key === 'managedFields' && isArray(value)) return value;
  if (key === 'stringData' || key === 'value') {
    const path = member(object, 'path');
    const isText =
      key === 'stringData' ? isTexts(value) : typeof path === 'string' && IN_STRING_DATA.test(path);
    if (isText && redactor.redactsSecrets) return redactStrings(value, redactor);
  }
  if (key === 'items' && isArray(value) && type?.kind.endsWith('List') === true) {
    return redactItems(value, redactor, depth + 1, { ...type, kind: type.kind.slice(0, -'List'.length) });
  }
  return redactPart(value, redactor, depth + 1);
}

/** Only a Secret has stringData, though a patch of one need not say its kind. A schema of it is no map of texts. */
function isTexts(value: JsonValue): boolean {
  return isObject(value) && Object.values(value).every((text) => text === null || typeof text === 'string');
}

function redactStrings(value: JsonValue, { digest }: Redactor): JsonValue {
  return redactDeep(value, { digest, resource: 'secrets', isPatch: true, repeats: () => false });
}

/** A text that may be JSON: what was applied (`…/last-applied-configuration`), or what a webhook changed. */
function redactText(text: string, redactor: Redactor, depth: number): string {
  if (!beginsAsJson(text) || !isSuspicious(text, redactor)) return text;
  const value = parsed(text);
  if (value === undefined) return mark(redactor.digest, text);
  const redacted = redactPart(value, redactor, depth + 1);
  return redacted === value ? text : stringifyJson(redacted);
}

/** Whether a text begins as an object or an array of JSON does. */
export function beginsAsJson(text: string): boolean {
  const first = text.charCodeAt(0);
  // Nearly every text is told by its first character.
  return first <= 0x20 || first === 0x5b || first === 0x7b ? /^\s*[[{]/.test(text) : false;
}

/** A kind, however many texts it stands in; line ends and quotes of an inner text are escaped. */
const KINDS = /kind\\*"(?:\s|\\+[nrt])*:(?:\s|\\+[nrt])*\\*"([A-Za-z0-9]+)/g;
/** What is only in Secrets, and letters of ASCII that somebody escaped. */
const SUSPICIOUS = /stringData|\\u00[4-7]/;

/** Whether a JSON text may hold what is not kept: told without parsing it, as nearly none does. */
function isSuspicious(text: string, redactor: Redactor): boolean {
  if (SUSPICIOUS.test(text)) return true;
  for (const [, kind = ''] of text.matchAll(KINDS)) {
    if (redactor.isRedactedPlural(pluralOf(kind.replace(/List$/, '')))) return true;
    if (kind.startsWith('ConfigMap') && text.includes('helm')) return true;
  }
  return false;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
