/**
 * Which lists are maps, and by which members their entries are known.
 *
 * Source for the built-in kinds: the x-kubernetes-list-map-keys of their OpenAPI (the `+listMapKey` markers of k8s.io/api) and,
 * where those are silent, its `patchMergeKey` tags. A list is told by its field's name; where one name stands for several
 * lists (`ports`), by which key its entries have. Entries of custom resources' lists are known by the first member of
 * IDENTIFYING that every entry has and no two share.
 *
 * Invariant: a key is chosen only where every entry of every list given is an object that has it, and no list has
 * one twice. Persisted lists do break that (two env variables of one name are allowed): those are aligned by equality.
 */
import { isObject, member, type JsonArray, type JsonObject, type JsonValue } from './json.ts';

/** One member of a key; `absent` is what the API server takes it for where it is left out. */
export interface KeyPart {
  readonly name: string;
  readonly absent?: string;
}

/** The members that tell the entries of a list apart. */
export type ListKey = readonly KeyPart[];

const PROTOCOL: KeyPart = { name: 'protocol', absent: 'TCP' };
const BY_NAME: readonly ListKey[] = [[{ name: 'name' }]];
/** No key tells the entries apart, though some member looks like one. */
const ATOMIC: readonly ListKey[] = [];

/** Field name → the keys its list may have, tried in this order. */
const LIST_KEYS: ReadonlyMap<string, readonly ListKey[]> = new Map<string, readonly ListKey[]>([
  ['containers', BY_NAME],
  ['initContainers', BY_NAME],
  ['ephemeralContainers', BY_NAME],
  ['volumes', BY_NAME],
  ['env', BY_NAME],
  ['imagePullSecrets', BY_NAME],
  ['secrets', BY_NAME],
  ['resourceClaims', BY_NAME],
  ['claims', BY_NAME],
  ['schedulingGates', BY_NAME],
  ['webhooks', BY_NAME],
  ['matchConditions', BY_NAME],
  ['variables', BY_NAME],
  ['drivers', BY_NAME],
  [
    'ports',
    [
      [{ name: 'containerPort' }, PROTOCOL],
      [{ name: 'port' }, PROTOCOL],
    ],
  ],
  ['volumeMounts', [[{ name: 'mountPath' }]]],
  ['volumeDevices', [[{ name: 'devicePath' }]]],
  ['hostAliases', [[{ name: 'ip' }]]],
  ['topologySpreadConstraints', [[{ name: 'topologyKey' }, { name: 'whenUnsatisfiable' }]]],
  ['ownerReferences', [[{ name: 'uid' }]]],
  ['reservedFor', [[{ name: 'uid' }]]],
  ['conditions', [[{ name: 'type' }]]],
  ['addresses', [[{ name: 'type' }]]],
  ['storageVersions', [[{ name: 'apiServerID' }]]],
  // Atomic for the API server; their entries have the identity of what they refer to.
  [
    'subjects',
    [
      [{ name: 'kind' }, { name: 'name' }],
      [{ name: 'kind' }, { name: 'namespace' }, { name: 'name' }],
    ],
  ],
  // Several tolerations of one key are common, so `key` would serve in one version and not in the next.
  ['tolerations', ATOMIC],
]);

/** What identifies an entry of a list that is not in the table, the surest first. */
const IDENTIFYING: readonly ListKey[] = [
  'name',
  'id',
  'uid',
  'key',
  'username',
  'user',
  'email',
  'host',
  'hostname',
  'path',
  'ip',
  'type',
].map((name) => [{ name }]);

/**
 * The key by which the entries of all these lists can be matched, or undefined where there is none.
 * @param field the name of the member that holds the list; undefined for a list inside a list
 */
export function chooseListKey(field: string | undefined, lists: readonly JsonArray[]): ListKey | undefined {
  const known = field === undefined ? undefined : LIST_KEYS.get(field);
  const candidates = known === ATOMIC ? ATOMIC : [...(known ?? []), ...IDENTIFYING];
  return candidates.find((key) => lists.every((list) => identifies(key, list)));
}

/** The texts of an entry's key, one for each part; undefined where the entry lacks a part. */
export function keyTexts(entry: JsonValue | undefined, key: ListKey): readonly string[] | undefined {
  if (!isObject(entry)) return undefined;
  const texts: string[] = [];
  for (const { name, absent } of key) {
    const value = member(entry, name);
    const text = value === undefined ? absent : identifyingText(value);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

/** The text a member is compared by where the entry leaves it out: `TCP` for a port's protocol. */
export function absentText(entry: JsonObject, name: string): string | undefined {
  const isPort = Object.hasOwn(entry, 'containerPort') || Object.hasOwn(entry, 'port');
  return isPort && name === PROTOCOL.name ? PROTOCOL.absent : undefined;
}

/** A scalar's text, as a question writes it; undefined for lists and objects. */
export function scalarText(value: JsonValue | undefined): string | undefined {
  if (value === undefined || (typeof value === 'object' && value !== null)) return undefined;
  return String(value);
}

function identifies(key: ListKey, list: JsonArray): boolean {
  const seen = new Set<string>();
  for (const entry of list) {
    const texts = keyTexts(entry, key);
    if (texts === undefined) return false;
    seen.add(JSON.stringify(texts));
  }
  return seen.size === list.length;
}

function identifyingText(value: JsonValue): string | undefined {
  return typeof value === 'boolean' || value === null ? undefined : scalarText(value);
}
