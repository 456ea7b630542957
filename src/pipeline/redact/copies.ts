/** Whether a text beside the values of an object repeats one of them. */
import type { JsonValue } from '../../model/json.ts';
import { isArray, isObject, member } from '../../model/json.ts';
import { decodeBase64 } from './marker.ts';

/** Shorter values (`true`, `5432`) stand in many texts that say nothing of them. In characters. */
const COPY_LENGTH_MIN = 6;
/** No kept text is long enough for the base64 of a longer value. In characters. */
const VALUE_LENGTH_MAX = 400;

/** Tells whether a text holds one of the bodies' values, as it is or in base64. They are looked at when first asked for. */
export function repeatsOf(bodies: readonly (JsonValue | undefined)[]): (text: string) => boolean {
  let values: ReadonlySet<string> | undefined;
  return (text) => {
    values ??= valuesOf(bodies);
    for (const value of values) if (text.includes(value)) return true;
    return false;
  };
}

function valuesOf(bodies: readonly (JsonValue | undefined)[]): ReadonlySet<string> {
  const values = new Set<string>();
  for (const body of bodies) if (body !== undefined) addBody(values, body);
  return values;
}

const NO_VALUES: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'type', 'metadata']);

function addBody(values: Set<string>, body: JsonValue): void {
  if (isArray(body)) for (const operation of body) addOperation(values, operation);
  if (!isObject(body)) return;
  const items = member(body, 'items');
  if (isArray(items)) for (const item of items) addMembers(values, item);
  else addMembers(values, body);
}

function addMembers(values: Set<string>, object: JsonValue): void {
  if (!isObject(object)) return;
  for (const [key, value] of Object.entries(object)) if (!NO_VALUES.has(key)) addAll(values, value);
}

/** An operation of a JSON Patch. */
function addOperation(values: Set<string>, operation: JsonValue): void {
  if (!isObject(operation)) return;
  const path = member(operation, 'path');
  const value = member(operation, 'value') ?? null;
  if (path === '') addMembers(values, value);
  else if (typeof path === 'string' && !path.startsWith('/metadata')) addAll(values, value);
}

function addAll(values: Set<string>, value: JsonValue): void {
  if (typeof value === 'string') addForms(values, value);
  else if (isArray(value)) for (const item of value) addAll(values, item);
  else if (isObject(value)) for (const item of Object.values(value)) addAll(values, item);
}

function addForms(values: Set<string>, text: string): void {
  if (text.length > VALUE_LENGTH_MAX) return;
  const forms = [
    text.trim(),
    Buffer.from(text).toString('base64'),
    decodeBase64(text)?.toString().trim() ?? '',
  ];
  for (const form of forms) if (form.length >= COPY_LENGTH_MIN) values.add(form);
}
