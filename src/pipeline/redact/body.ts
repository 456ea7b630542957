/**
 * A request's or an answer's body about objects whose values are not kept, in every shape that the API server has for it:
 * the object, a patch of it, a list, a Status, another view.
 *
 * What is of no known shape becomes one marker.
 */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isArray, isObject, member, objectMember, stringMember } from '../../model/json.ts';
import { mark } from './marker.ts';
import { redactMetadata } from './metadata.ts';
import { type Reading, redactMember, secretData, UNTOLD } from './values.ts';

/** A whole body, or one object of it. */
export function redactBody(body: JsonValue, reading: Reading): JsonValue {
  return isObject(body) ? redactObject(body, reading) : mark(reading.digest, body);
}

function redactObject(object: JsonObject, reading: Reading): JsonValue {
  const kind = stringMember(object, 'kind') ?? '';
  // The cells of a Table and its objects are the rows; no version comes from either.
  if (kind === 'Table') return withMetadata(object, reading);
  if (kind === 'Status') return { ...withMetadata(object, reading), ...outcomeOf(object) };
  const items = member(object, 'items');
  if (isArray(items) && kind.endsWith('List') && !isNamed(object)) {
    return { ...withMetadata(object, reading), items: items.map((item) => redactBody(item, reading)) };
  }
  return reading.resource === 'secrets' ? redactSecret(object, reading) : redactMembers(object, reading);
}

/** Whether it is an object, of a kind that is called a list. */
function isNamed(object: JsonObject): boolean {
  const metadata = objectMember(object, 'metadata') ?? {};
  return Object.hasOwn(metadata, 'name') || Object.hasOwn(metadata, 'generateName');
}

function redactMembers(object: JsonObject, reading: Reading): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, redactMember(key, value, reading)]),
  );
}

/** `stringData` is folded into `data`, which stands where the first of them stood. */
function redactSecret(secret: JsonObject, reading: Reading): JsonValue {
  const data = secretData(member(secret, 'data'), member(secret, 'stringData'), reading);
  if (data === UNTOLD) return mark(reading.digest, secret);
  const place = Object.keys(secret).find((key) => key === 'data' || key === 'stringData');
  return Object.fromEntries(
    Object.entries(secret).flatMap(([key, value]): [string, JsonValue][] => {
      if (key === place) return data === undefined ? [] : [['data', data]];
      if (key === 'data' || key === 'stringData') return [];
      return [[key, redactMember(key, value, reading)]];
    }),
  );
}

function withMetadata(object: JsonObject, reading: Reading): JsonObject {
  const metadata = member(object, 'metadata');
  return {
    ...textsOf(object, ['apiVersion', 'kind']),
    ...(metadata === undefined ? {} : { metadata: redactMetadata(reading.digest, metadata) }),
  };
}

/**
 * What a Status says of an object: which, and what became of it. Its message and causes quote what was wrong with a value;
 * its reason can be a webhook's own words.
 */
function outcomeOf(status: JsonObject): JsonObject {
  const outcome = member(status, 'status');
  const code = member(status, 'code');
  const details = objectMember(status, 'details');
  return {
    ...(outcome === 'Success' || outcome === 'Failure' ? { status: outcome } : {}),
    ...(typeof code === 'number' ? { code } : {}),
    ...(details === undefined ? {} : { details: textsOf(details, ['name', 'group', 'kind', 'uid']) }),
  };
}

const PROPAGATION: ReadonlySet<JsonValue | undefined> = new Set(['Orphan', 'Background', 'Foreground']);

/** The body of a deletion: DeleteOptions, or the Eviction that they stand in. Only what is known of them stays. */
export function redactDeletion(body: JsonValue, reading: Reading): JsonValue {
  const kind = isObject(body) ? member(body, 'kind') : undefined;
  if (!isObject(body) || (kind !== 'DeleteOptions' && kind !== 'Eviction')) return redactBody(body, reading);
  if (kind === 'DeleteOptions') return { ...textsOf(body, ['apiVersion', 'kind']), ...deleteOptions(body) };
  const options = objectMember(body, 'deleteOptions');
  return {
    ...withMetadata(body, reading),
    ...(options === undefined ? {} : { deleteOptions: deleteOptions(options) }),
  };
}

function deleteOptions(options: JsonObject): JsonObject {
  const grace = member(options, 'gracePeriodSeconds');
  const propagation = member(options, 'propagationPolicy');
  const dryRun = member(options, 'dryRun');
  return {
    ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
    ...(propagation !== undefined && PROPAGATION.has(propagation) ? { propagationPolicy: propagation } : {}),
    ...(isArray(dryRun) ? { dryRun: dryRun.filter((stage) => stage === 'All') } : {}),
  };
}

function textsOf(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = stringMember(object, key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}
