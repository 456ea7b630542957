/**
 * What kube-apiserver stored, as etcd tells it: the truth that audit logs are held against, seen by none of our code on
 * its way. Every state of every object since the cluster began, in the order in which they were stored, whoever wrote
 * them.
 *
 * It needs `storageMediaType: 'application/json'`, and a kube-apiserver that does not compact etcd. It is read through
 * etcd's JSON gateway: https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway (watch), bytes in base64, int64 as strings.
 */
import { request } from 'undici';
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectMember,
  parseJson,
  stringMember,
} from '../../../src/model/json.ts';
import { objectKey, type ObjectKey } from '../../../src/model/object-key.ts';
import { resourceOfKey } from './storage-key.ts';

/** One state of one object. */
export interface StoredState {
  readonly key: ObjectKey;
  /** etcd's revision, which is the object's resourceVersion; `revision` orders the states of all objects. */
  readonly resourceVersion: string;
  readonly revision: bigint;
  /** As it was stored: without a resourceVersion. undefined where the object was deleted. */
  readonly value: JsonObject | undefined;
}

/** A key that stands for the whole key space, as begin and as end. */
const ALL_KEYS = 'AA==';

/** Every state that has been stored up to now. */
export async function readStoredStates(etcdUrl: string): Promise<StoredState[]> {
  const now = await currentRevision(etcdUrl);
  const states: StoredState[] = [];
  for await (const { revision, state } of watchAll(etcdUrl)) {
    if (revision > now) break;
    if (state !== undefined) states.push(state);
    if (revision === now) break; // A revision is one transaction, and kube-apiserver's write one key.
  }
  return states;
}

async function currentRevision(etcdUrl: string): Promise<bigint> {
  const range = JSON.stringify({ key: ALL_KEYS, range_end: ALL_KEYS, count_only: true });
  const { statusCode, body } = await request(`${etcdUrl}/v3/kv/range`, { method: 'POST', body: range });
  const answer = parseJson(await body.text());
  const header = isObject(answer) ? objectMember(answer, 'header') : undefined;
  const revision = header === undefined ? undefined : stringMember(header, 'revision');
  if (revision === undefined) throw new Error(`etcd does not say its revision: ${statusCode}`);
  return BigInt(revision);
}

interface Change {
  readonly revision: bigint;
  readonly state: StoredState | undefined;
}

/** All changes from the first revision on, and on as they come; who has seen enough leaves the loop, which ends the watch. */
async function* watchAll(etcdUrl: string): AsyncGenerator<Change> {
  const watch = { create_request: { key: ALL_KEYS, range_end: ALL_KEYS, start_revision: '1' } };
  const { body } = await request(`${etcdUrl}/v3/watch`, { method: 'POST', body: JSON.stringify(watch) });
  const keys = new Map<string, ObjectKey>();
  for await (const line of linesOf(body.setEncoding('utf8'))) {
    for (const event of eventsOf(parseJson(line))) {
      const change = changeOf(event, keys);
      if (change !== undefined) yield change;
    }
  }
}

async function* linesOf(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let parts: string[] = [];
  for await (const text of texts) {
    const [first = '', ...rest] = text.split('\n');
    parts.push(first);
    for (const next of rest) {
      yield parts.join('');
      parts = [next];
    }
  }
}

function eventsOf(message: JsonValue): readonly JsonValue[] {
  const result = isObject(message) ? objectMember(message, 'result') : undefined;
  if (result === undefined || member(result, 'canceled') === true) {
    throw new Error(`etcd ends the watch: ${JSON.stringify(message)}`);
  }
  const events = member(result, 'events');
  return isArray(events) ? events : [];
}

/** One of etcd's events. `keys` remembers what each key belongs to: a deletion does not say. */
function changeOf(event: JsonValue, keys: Map<string, ObjectKey>): Change | undefined {
  const pair = isObject(event) ? objectMember(event, 'kv') : undefined;
  const resourceVersion = pair === undefined ? undefined : stringMember(pair, 'mod_revision');
  if (!isObject(event) || pair === undefined || resourceVersion === undefined) return undefined;
  const revision = BigInt(resourceVersion);
  const storageKey = decode(stringMember(pair, 'key') ?? '');
  const resource = resourceOfKey(storageKey);
  if (resource === undefined) return { revision, state: undefined };
  if (stringMember(event, 'type') === 'DELETE') {
    const key = keys.get(storageKey);
    if (key === undefined) throw new Error(`${storageKey} is deleted but was never stored`);
    return { revision, state: { key, resourceVersion, revision, value: undefined } };
  }
  const value = valueOf(storageKey, decode(stringMember(pair, 'value') ?? ''));
  const key = keyOf(resource, value);
  keys.set(storageKey, key);
  return { revision, state: { key, resourceVersion, revision, value } };
}

function valueOf(storageKey: string, text: string): JsonObject {
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  if (isObject(value)) return value;
  throw new Error(`${storageKey} is not stored as JSON: start the cluster with that storageMediaType`);
}

function keyOf(resource: string, value: JsonObject): ObjectKey {
  const metadata = objectMember(value, 'metadata') ?? {};
  const apiVersion = stringMember(value, 'apiVersion') ?? '';
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const [namespace = '', name = ''] = [stringMember(metadata, 'namespace'), stringMember(metadata, 'name')];
  return objectKey(group, resource, namespace, name);
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
