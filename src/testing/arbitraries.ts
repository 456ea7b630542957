/**
 * Generators for property tests. Names and values come from small sets, so that two contents often have parts in common, and
 * the sets hold what breaks naive code: keys of Object.prototype, separators of paths, integers beyond a double.
 */
import fc from 'fast-check';
import { shareJson, type JsonObject, type JsonValue } from '../model/json.ts';
import { scalarText } from '../model/list-keys.ts';
import type { ObjectKey } from '../model/object-key.ts';
import type { ObjectHistory } from '../model/reader.ts';
import { micros } from '../model/time.ts';
import { versionNumber, type Version } from '../model/version.ts';

/** Keys that programs stumble over, among plain ones. */
export const trickyKeys: fc.Arbitrary<string> = fc.constantFrom(
  'a',
  'b',
  'name',
  'length',
  'constructor',
  'toString',
  '__proto__',
  'a/b',
  'a~b',
  'app.conf',
  "it's",
  '',
  '0',
);

/** Scalars of every type, few enough to be equal now and then. */
export const scalars: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(
  'x',
  'y',
  '',
  '1',
  'null',
  0,
  1,
  -2.5,
  true,
  false,
  null,
  9_007_199_254_740_993n,
);

/** Any JSON value, nested a little. */
export const jsonValues: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 4 }),
    objectsOf(trickyKeys, tie('value')),
  ),
})).value;

/** Any JSON object. */
export const jsonObjects: fc.Arbitrary<JsonObject> = objectsOf(trickyKeys, jsonValues);

/** Objects with keys and values of these kinds. `fc.dictionary` would not do: it treats `__proto__` apart. */
export function objectsOf(
  keys: fc.Arbitrary<string>,
  values: fc.Arbitrary<JsonValue>,
  maxLength = 4,
): fc.Arbitrary<JsonObject> {
  return fc
    .uniqueArray(fc.tuple(keys, values), { selector: ([key]) => key, maxLength })
    .map((entries): JsonObject => Object.fromEntries(entries));
}

/** Objects with these members, of which only `required` are always there. */
function record(
  members: Readonly<Record<string, fc.Arbitrary<JsonValue>>>,
  required: readonly string[] = Object.keys(members),
): fc.Arbitrary<JsonObject> {
  return fc
    .record(members, { requiredKeys: [...required] })
    .map((made): JsonObject =>
      Object.fromEntries(
        Object.entries(made).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
    );
}

/** Lists of objects, in which no two have the same text of `key`, mostly. */
function listOf(key: string, entries: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonValue> {
  return fc.oneof(
    {
      weight: 9,
      arbitrary: fc.uniqueArray(entries, { selector: (entry) => scalarText(entry[key]), maxLength: 4 }),
    },
    { weight: 1, arbitrary: fc.array(entries, { maxLength: 3 }) },
  );
}

const names = fc.constantFrom('api', 'web', 'db', 'log');
const texts = fc.constantFrom('x', 'y', 'z');

const ports = record(
  { containerPort: fc.constantFrom(80, 443, 53), protocol: fc.constantFrom('TCP', 'UDP') },
  ['containerPort'],
);

const containers = record(
  {
    name: names,
    image: fc.constantFrom('nginx:1', 'nginx:2', 'redis:7'),
    args: fc.array(texts, { maxLength: 4 }),
    env: listOf('name', record({ name: names, value: texts })),
    ports: listOf('containerPort', ports),
    volumeMounts: listOf('mountPath', record({ mountPath: fc.constantFrom('/a', '/b'), name: names })),
  },
  ['name', 'image'],
);

const tolerations = fc.array(
  record({ key: names, operator: fc.constantFrom('Exists', 'Equal'), value: texts }, []),
  { maxLength: 3 },
);

const podSpecs = record(
  { containers: listOf('name', containers), initContainers: listOf('name', containers), tolerations },
  ['containers'],
);

const templates = record({
  metadata: record({ labels: objectsOf(fc.constantFrom('app', 'tier'), texts) }, []),
  spec: podSpecs,
});

/** Contents of workloads: the lists that have keys, and some that have none. */
export const workloadContents: fc.Arbitrary<JsonObject> = record({
  metadata: record(
    {
      labels: objectsOf(fc.constantFrom('app', 'app.kubernetes.io/name'), texts),
      annotations: objectsOf(trickyKeys, texts),
    },
    [],
  ),
  spec: record({ replicas: fc.constantFrom(1, 2, 3), template: templates }, ['template']),
});

/** Contents of a custom resource as the seed's users have it: lists of scalars, and of users with passwords. */
export const databaseContents: fc.Arbitrary<JsonObject> = record({
  metadata: fc.constant({}),
  spec: record(
    {
      databases: fc.array(texts, { maxLength: 4 }),
      users: listOf('username', record({ username: names, password: texts })),
      rows: fc.array(fc.array(texts, { maxLength: 2 }), { maxLength: 2 }),
    },
    [],
  ),
});

/** Any content: of a workload, of a custom resource, or of no shape at all. */
export const contents: fc.Arbitrary<JsonObject> = fc.oneof(workloadContents, databaseContents, jsonObjects);

/** Two contents of one kind, sharing what they have in common as versions of one object do. */
export const contentPairs: fc.Arbitrary<readonly [JsonObject, JsonObject]> = fc
  .oneof(pairsOf(workloadContents), pairsOf(databaseContents), pairsOf(jsonObjects))
  .map(([from, to]) => [from, shared(from, to)]);

function pairsOf(objects: fc.Arbitrary<JsonObject>): fc.Arbitrary<readonly [JsonObject, JsonObject]> {
  return fc.tuple(objects, objects);
}

/** The object that all generated histories are of, unless a test gives another. */
export const webKey: ObjectKey = { group: 'apps', resource: 'deployments', namespace: 'shop', name: 'web' };

/** A version with what a test wants different from a plain update by alice. */
export function makeVersion(number: number, overrides: Partial<Version> = {}): Version {
  return {
    number: versionNumber(number),
    operation: number === 1 ? 'create' : 'update',
    timestamp: micros(1_795_000_000_000_000 + number * 60_000_000),
    actor: {
      user: 'alice',
      impersonatedBy: undefined,
      userAgent: 'kubectl/v1.34.4',
      sourceIPs: ['192.0.2.7'],
    },
    auditID: `audit-${number}`,
    uid: 'uid-1',
    resourceVersion: String(100 + number),
    generation: number,
    fidelity: 'exact',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    content: {},
    deleted: false,
    created: number === 1,
    terminating: false,
    completedBy: undefined,
    ...overrides,
  };
}

/** What a version holds in `makeHistory`: a content, a deletion, or something that was not recorded. */
export type Held = JsonObject | 'deleted' | 'unknown';

/** A history whose versions hold these, one after the other; what follows a deletion is a creation. */
export function makeHistory(held: readonly Held[], key: ObjectKey = webKey): ObjectHistory {
  let uid = 1;
  let content: JsonObject | undefined;
  const versions = held.map((holds, index): Version => {
    const created = index === 0 || held[index - 1] === 'deleted';
    if (created && index > 0) uid += 1;
    const common = { created, uid: `uid-${uid}`, operation: created ? 'create' : 'update' } as const;
    if (holds === 'deleted') {
      return makeVersion(index + 1, { ...common, operation: 'delete', deleted: true, content: undefined });
    }
    if (holds === 'unknown') {
      return makeVersion(index + 1, { ...common, fidelity: 'unknown', content: undefined });
    }
    content = shared(content, holds);
    return makeVersion(index + 1, { ...common, content });
  });
  return { key, versions };
}

/** Histories of objects with contents of one kind, with deletions and versions of unknown content. */
export const histories: fc.Arbitrary<ObjectHistory> = fc
  .oneof(heldOf(workloadContents), heldOf(databaseContents), heldOf(jsonObjects))
  .map((held) => makeHistory(held));

function heldOf(objects: fc.Arbitrary<JsonObject>): fc.Arbitrary<Held[]> {
  const held = fc.oneof(
    { weight: 8, arbitrary: objects },
    { weight: 1, arbitrary: fc.constantFrom<Held>('deleted', 'unknown') },
  );
  // An object is not deleted twice in a row, and its first version is no deletion.
  return fc
    .array(held, { minLength: 1, maxLength: 7 })
    .map((all) =>
      all.filter((one, index) => one !== 'deleted' || (index > 0 && all[index - 1] !== 'deleted')),
    )
    .filter((all) => all.length > 0);
}

function shared(known: JsonObject | undefined, next: JsonObject): JsonObject {
  const value = shareJson(known, next);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is shared is an object where `next` is one
  return value as JsonObject;
}
