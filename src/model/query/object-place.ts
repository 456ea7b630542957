/**
 * Where the next page of objects begins: after an object, in the order of a Reader.
 *
 * A place is an object's key, so that objects that appear or are forgotten meanwhile shift nothing.
 */
import assert from 'node:assert/strict';
import { isArray, parseJson } from '../json.ts';
import type { ObjectKey } from '../object-key.ts';
import { openToken, sealToken } from './sealed-token.ts';

/** Before every object: no resource has an empty name. */
export const FIRST_PLACE: ObjectKey = { group: '', resource: '', namespace: '', name: '' };

const PURPOSE = 'objects';

/** The token for what comes after an object. */
export function sealPlace({ group, resource, namespace, name }: ObjectKey): string {
  return sealToken(PURPOSE, JSON.stringify([group, resource, namespace, name]));
}

/**
 * The object after which a token says to go on.
 * @throws QueryError CONTINUE_EXPIRED
 */
export function openPlace(token: string): ObjectKey {
  const parts = parseJson(openToken(PURPOSE, token));
  assert.ok(isArray(parts), 'what was sealed is a key');
  const [group, resource, namespace, name] = parts.map(String);
  assert.ok(group !== undefined && resource !== undefined && namespace !== undefined && name !== undefined);
  return { group, resource, namespace, name };
}
