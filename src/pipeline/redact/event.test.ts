import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuditEvent } from '../../model/event.ts';
import { parseJson, stringifyJson, type JsonObject, type JsonValue } from '../../model/json.ts';
import { rawEvent } from '../../testing/events.ts';
import { checkProperty } from '../../testing/property.ts';
import {
  base64,
  CANARY_BASE64,
  CANARY_VALUE,
  canariesIn,
  SECRET_REF,
  storedSecret,
} from '../../testing/secrets.ts';
import { decodeEvents } from '../decode.ts';
import { redactEvent } from './event.ts';
import { KEY_BYTES, mark } from './marker.ts';
import { createRedactor } from './redactor.ts';

const redactor = createRedactor({
  resources: ['secrets', 'configmaps', 'databases.example.com'],
  key: Buffer.alloc(KEY_BYTES, 1),
});
const of = (value: JsonValue): string => mark(redactor.digest, value);

function decoded(raw: JsonObject): AuditEvent {
  const [event] = decodeEvents(raw);
  assert.ok(event !== undefined && typeof event !== 'string');
  return event;
}

function secretEvent(fields: JsonObject, overrides: Parameters<typeof rawEvent>[0] = {}): AuditEvent {
  return decoded(rawEvent({ objectRef: SECRET_REF, ...overrides, fields }));
}

describe('An event without secrets', () => {
  const harmless: readonly JsonObject[] = [
    rawEvent({ fields: { requestObject: { data: { a: 'x' } }, responseObject: { kind: 'Deployment' } } }),
    rawEvent({ objectRef: { resource: 'pods', apiGroup: '', subresource: 'exec' }, query: '?container=api' }),
    rawEvent({ objectRef: { resource: 'secrets', apiGroup: 'example.com' } }),
    rawEvent({ objectRef: { resource: 'serviceaccounts', apiGroup: '', subresource: 'token' } }),
    rawEvent({ fields: { objectRef: null } }),
  ];
  it('is handed on as it is', () => {
    for (const raw of harmless) {
      const event = decoded(raw);
      assert.equal(redactEvent(event, redactor), event);
    }
  });
});

describe('An event of a Secret', () => {
  it('keeps all but its values', () => {
    const event = secretEvent({
      requestObject: { kind: 'Secret', apiVersion: 'v1', stringData: { k: 'x' } },
      responseObject: storedSecret(1, { k: base64('x') }),
    });
    assert.deepEqual(redactEvent(event, redactor), {
      ...event,
      requestObject: { kind: 'Secret', apiVersion: 'v1', data: { k: of('x') } },
      responseObject: storedSecret(1, { k: of('x') }),
    });
  });

  it('is none the less one where its reference says otherwise', () => {
    const fields = { responseObject: storedSecret(1, { k: base64('x') }) };
    const event = decoded(rawEvent({ subresource: 'secrets', fields }));
    const { responseObject } = redactEvent(event, redactor);
    assert.deepEqual(responseObject, storedSecret(1, { k: of('x') }));
    assert.equal(redactEvent(event, createRedactor({ resources: [] })), event);
  });

  it('shows what a webhook changed, and not to what', () => {
    const key = 'patch.webhook.admission.k8s.io/round_0_index_0';
    const change = {
      configuration: 'c',
      webhook: 'w',
      patch: [{ op: 'add', path: '/data/k', value: base64('x') }],
      patchType: 'JSONPatch',
    };
    const annotated = (value: string): JsonValue | undefined =>
      redactEvent(secretEvent({ annotations: { [key]: value } }), redactor).annotations[key];
    const shown = annotated(JSON.stringify(change));
    assert.ok(typeof shown === 'string');
    const patch = [{ op: 'add', path: '/data/k', value: of('x') }];
    assert.deepEqual(parseJson(shown), { ...change, patch });
    const long = '{"patch":[{"op":"add","path":"/metadata/x","value":9007199254740993}]}';
    assert.equal(annotated(long), long);
    for (const text of ['no JSON', '5', '{"patch":"x"}', '['.repeat(2000)])
      assert.equal(annotated(text), of(text));
  });

  it("keeps the API server's own annotations; others may quote", () => {
    const own = {
      'authorization.k8s.io/decision': 'allow',
      'mutation.webhook.admission.k8s.io/round_0_index_0': '{"mutated":true}',
    };
    const policy = 'validation.policy.admission.k8s.io/validation_failure';
    const event = secretEvent({ annotations: { ...own, [policy]: 'x', 'policy.example.com/a': ['x'] } });
    assert.deepEqual(redactEvent(event, redactor).annotations, {
      ...own,
      [policy]: of('x'),
      'policy.example.com/a': of(['x']),
    });
  });

  it('of a deletion still says how it was asked for', () => {
    const requestObject = { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] };
    const event = secretEvent({ requestObject }, { verb: 'delete' });
    assert.deepEqual(redactEvent(event, redactor).requestObject, requestObject);
  });
});

describe('A read', () => {
  it('has no bodies: nobody asks for them', () => {
    const fields = { requestObject: { a: 'x' }, responseObject: storedSecret(1, { k: base64('x') }) };
    for (const verb of ['get', 'list', 'watch']) {
      for (const event of [secretEvent(fields, { verb }), decoded(rawEvent({ verb, fields }))]) {
        const none = { requestObject: undefined, responseObject: undefined };
        assert.deepEqual(redactEvent(event, redactor), { ...event, ...none });
      }
    }
  });
});

describe('An event of an object that holds a Secret', () => {
  const work = { resource: 'manifestworks', apiGroup: 'work.open-cluster-management.io', name: 'w' };
  const body = (value: string): JsonObject => ({ spec: { manifests: [storedSecret(1, { k: value })] } });

  it('has it without its values', () => {
    const fields = (value: string): JsonObject => ({
      requestObject: [{ op: 'add', path: '/x', value: body(value) }],
      responseObject: body(value),
    });
    const raw = rawEvent({ objectRef: work, fields: fields(base64('x')) });
    const event = decoded(raw);
    assert.deepEqual(redactEvent(event, redactor), decoded({ ...raw, ...fields(of('x')) }));
    assert.equal(redactEvent(event, createRedactor({ resources: [] })), event);
  });
});

describe("An event of Helm's ConfigMaps", () => {
  const byDefault = createRedactor({ key: Buffer.alloc(KEY_BYTES, 1) });
  const objectRef = { resource: 'configmaps', apiGroup: '', apiVersion: 'v1', namespace: 'shop' };
  const RELEASE = 'sh.helm.release.v1.web.v1';

  it('is told by the name in its reference: a patch says no more', () => {
    const patched = (name: string, redact = byDefault, more = {}): JsonValue | undefined => {
      const fields = { requestObject: { data: { release: 'x' }, ...more } };
      const event = decoded(rawEvent({ verb: 'patch', objectRef: { ...objectRef, name }, fields }));
      return redactEvent(event, redact).requestObject;
    };
    assert.deepEqual(patched(RELEASE), { data: { release: of('x') } });
    assert.deepEqual(patched('web'), { data: { release: 'x' } });
    assert.deepEqual(patched(RELEASE, createRedactor({ resources: [] })), { data: { release: 'x' } });
    const labelled = { metadata: { name: RELEASE, labels: { owner: 'helm' } } };
    assert.deepEqual(patched('web', byDefault, labelled), { data: { release: 'x' }, ...labelled });
  });

  it('is told by the name in a body where the reference has none', () => {
    const body = (name: string, release = 'x'): JsonObject => ({ metadata: { name }, data: { release } });
    const redacted = (fields: JsonObject, verb: string): AuditEvent =>
      redactEvent(decoded(rawEvent({ verb, objectRef: { ...objectRef, name: '' }, fields })), byDefault);
    for (const key of ['requestObject', 'responseObject'] as const) {
      assert.deepEqual(redacted({ [key]: body(RELEASE) }, 'create')[key], body(RELEASE, of('x')));
      assert.deepEqual(redacted({ [key]: body('web') }, 'create')[key], body('web'));
    }
    const list = (...items: JsonObject[]): JsonObject => ({ kind: 'ConfigMapList', apiVersion: 'v1', items });
    const { responseObject } = redacted(
      { responseObject: list(body('a'), body(RELEASE)) },
      'deletecollection',
    );
    assert.deepEqual(responseObject, list(body('a'), body(RELEASE, of('x'))));
  });
});

describe('A webhook that starts a build', () => {
  it('keeps no secret in its path', () => {
    const start = '/apis/build.openshift.io/v1/namespaces/shop/buildconfigs/web/webhooks';
    const objectRef = { resource: 'buildconfigs', apiGroup: 'build.openshift.io', name: 'web' };
    const fields = { requestURI: `${start}/hunter2/generic` };
    const event = decoded(rawEvent({ objectRef: { ...objectRef, subresource: 'webhooks' }, fields }));
    const requestURI = `${start}/${of('/hunter2/generic')}`;
    assert.deepEqual(redactEvent(event, redactor), { ...event, requestURI });
  });
});

describe('Credentials', () => {
  it('are no part of an event', () => {
    for (const objectRef of [
      { resource: 'serviceaccounts', apiGroup: '', subresource: 'token' },
      { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io' },
    ]) {
      const bodies = { requestObject: { spec: { token: 'x' } }, responseObject: { status: { token: 'x' } } };
      const event = decoded(rawEvent({ verb: 'create', objectRef, fields: bodies }));
      assert.deepEqual(redactEvent(event, redactor), {
        ...event,
        requestObject: undefined,
        responseObject: undefined,
      });
    }
  });
});

describe('A connection', () => {
  const exec = { resource: 'pods', apiGroup: '', subresource: 'exec' };

  it('keeps no command, and two of them stay apart', () => {
    const uriOf = (command: string): string => {
      const event = decoded(
        rawEvent({ verb: 'get', objectRef: exec, query: `?command=${command}&stdin=true` }),
      );
      return redactEvent(event, redactor).requestURI;
    };
    assert.ok(uriOf('ls').endsWith(`?command=${encodeURIComponent(of('ls'))}&stdin=true`));
    assert.equal(uriOf('ls'), uriOf('ls'));
    assert.notEqual(uriOf('ls'), uriOf('id'));
  });

  it('keeps nothing of what is behind a proxy, nor a body', () => {
    const requestURI = '/api/v1/namespaces/shop/services/web/proxy/login?token=x';
    const objectRef = { resource: 'services', apiGroup: '', subresource: 'proxy' };
    const event = decoded(rawEvent({ objectRef, fields: { requestURI, requestObject: { token: 'x' } } }));
    assert.deepEqual(redactEvent(event, redactor), {
      ...event,
      requestURI: `/api/v1/namespaces/shop/services/web/proxy/${of('/login?token=x')}`,
      requestObject: undefined,
    });
  });
});

// ---- Wherever a value stands, it is not in the event that comes out.

const V = CANARY_VALUE;
const B = CANARY_BASE64;
const applied = {
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
      data: { k: B },
      stringData: { k: V },
    }),
  },
};

/** Values with the canary somewhere inside. */
const planted: fc.Arbitrary<JsonValue> = fc
  .tuple(
    fc.constantFrom(
      V,
      B,
      base64(`x${V}`),
      base64(`xy${V}`),
      JSON.stringify({ a: V }),
      `redacted:hmac-sha256:${V}`,
    ),
    fc.array(
      fc.constantFrom<(value: JsonValue) => JsonValue>(
        (value) => [value],
        (value) => ({ k: value }),
        (value) => ['x', { k: [null, value] }, 5],
        (value) => ({ $patch: value }),
        (value) => Object.fromEntries([['__proto__', value]]),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([value, wraps]) => wraps.reduce<JsonValue>((inner, wrap) => wrap(inner), value));

const objects: fc.Arbitrary<JsonObject> = planted.chain((value) =>
  fc.constantFrom<JsonObject>(
    { data: { k: value } },
    { stringData: { k: value } },
    { data: { k: B }, stringData: { k: V, l: value } },
    { data: null, stringData: { k: value } },
    { data: value },
    { stringData: value },
    { binaryData: { k: value } },
    { spec: value, status: value },
    { Data: value, $patch: value },
    { immutable: value, metadata: { ...applied, managedFields: [value] } },
    { metadata: applied },
    { metadata: { annotations: [value] } },
  ),
);

const PLACES = [
  '',
  '/data',
  '/data/k',
  '/stringData',
  '/stringData/k',
  '/data/k/x',
  '/spec/-',
  '/binaryData/k',
];
const MORE_PLACES = [
  'data',
  'x/data/k',
  '/status',
  '/metadata/managedFields',
  '/~1data',
  '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
];

const jsonPatches: fc.Arbitrary<JsonValue> = fc
  .tuple(fc.constantFrom('add', 'replace', 'test'), fc.constantFrom(...PLACES, ...MORE_PLACES), planted)
  .map(([op, path, value]) => [{ op, path, value: path === '' ? { data: value } : value }]);

const bodies: fc.Arbitrary<JsonValue> = fc.oneof(
  objects,
  objects.chain((object) =>
    fc.constantFrom<JsonValue>(
      { kind: 'Secret', apiVersion: 'v1', ...object },
      { kind: 'SecretList', apiVersion: 'v1', metadata: {}, items: [object, V, [object]] },
      { kind: 'List', apiVersion: 'v1', items: [{ kind: 'SecretList', items: [object] }] },
      { items: [object] },
      { kind: 'Table', rows: [{ cells: [V], object }], columnDefinitions: [V] },
      {
        kind: 'Status',
        message: V,
        reason: V,
        status: V,
        details: { causes: [{ message: V }] },
        metadata: {},
      },
      { kind: 'DeleteOptions', preconditions: { uid: V }, dryRun: [V], propagationPolicy: V, ...object },
      { kind: 'Eviction', deleteOptions: object },
      { kind: 'PartialObjectMetadataList', items: [{ metadata: applied }] },
      [object],
      `kind: Secret\n${V}`,
    ),
  ),
  jsonPatches,
);

/** Secrets as they stand in other objects: their values, and what was applied of them. */
const manifests: fc.Arbitrary<JsonObject> = planted.chain((value) =>
  fc
    .constantFrom<JsonObject>(
      { data: { k: value } },
      { stringData: { k: value } },
      { data: { k: B }, stringData: { k: V, l: value } },
      { data: { k: B }, stringData: value },
      { data: value, stringData: { k: V } },
      { data: { k: value }, metadata: applied },
    )
    .map((values) => Object.assign({ kind: 'Secret', apiVersion: 'v1' }, values)),
);

/** Bodies of other resources, with a Secret somewhere inside. */
const hosts: fc.Arbitrary<JsonValue> = fc
  .tuple(
    manifests,
    fc.array(
      fc.constantFrom<(value: JsonValue) => JsonValue>(
        (value) => ({ kind: 'ManifestWork', spec: { workload: { manifests: [{ kind: 'Pod' }, value] } } }),
        (value) => ({ kind: 'Template', apiVersion: 'template.openshift.io/v1', objects: [value] }),
        (value) => ({ kind: 'List', apiVersion: 'v1', items: [value] }),
        (value) => ({ kind: 'SecretList', apiVersion: 'v1', items: [value] }),
        (value) => ({ kind: 'Object', metadata: { annotations: { 'a/applied': stringifyJson(value) } } }),
        (value) => Object.fromEntries([['__proto__', value]]),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  )
  .map(([secret, wraps]) => wraps.reduce<JsonValue>((inner, wrap) => wrap(inner), secret))
  .chain((value) => {
    const text = stringifyJson(value);
    return fc.constantFrom<JsonValue>(
      value,
      [{ op: 'test', path: '', value }],
      [{ op: 'add', path: '/metadata/annotations', value: { 'a/applied': text } }],
      [{ op: 'add', path: '/metadata/annotations/a~1applied', value: text }],
    );
  });

const HOSTS: readonly JsonObject[] = [
  { resource: 'manifestworks', apiGroup: 'work.open-cluster-management.io', apiVersion: 'v1', name: 'w' },
  { resource: 'pods', apiGroup: '', apiVersion: 'v1', name: 'p' },
  { resource: 'imagestreams', apiGroup: 'image.openshift.io', name: 'i', subresource: 'secrets' },
];

it('a value of a Secret occurs nowhere in the event of another object', () => {
  const verbs = fc.constantFrom('create', 'update', 'patch', 'delete', 'get');
  const maybe = fc.option(hosts);
  checkProperty(
    fc.property(fc.constantFrom(...HOSTS), verbs, maybe, maybe, (objectRef, verb, request, answer) => {
      const fields = { requestObject: request, responseObject: answer };
      const event = decoded(rawEvent({ verb, objectRef, fields }));
      assert.deepEqual(canariesIn(stringifyJson(redactEvent(event, redactor))), []);
    }),
    { runs: 1000 },
  );
});

const REDACTED: ReadonlySet<JsonObject> = new Set<JsonObject>([
  SECRET_REF,
  { ...SECRET_REF, subresource: 'status' },
  { ...SECRET_REF, subresource: 'eviction' },
  { ...SECRET_REF, name: '' },
  { resource: 'configmaps', apiGroup: '', apiVersion: 'v1', name: 'c', namespace: 'shop' },
  { resource: 'databases', apiGroup: 'example.com', apiVersion: 'v1', name: 'd', namespace: 'shop' },
  { resource: 'databases', apiGroup: 'example.com', apiVersion: 'v1', name: 'd', subresource: 'scale' },
]);

const REFS: readonly JsonObject[] = [
  ...REDACTED,
  { resource: 'serviceaccounts', apiGroup: '', apiVersion: 'v1', name: 's', subresource: 'token' },
  { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io', apiVersion: 'v1' },
  { resource: 'pods', apiGroup: '', apiVersion: 'v1', name: 'p', subresource: 'exec' },
];

it('a value of what is redacted occurs nowhere in the event', () => {
  const verbs = fc.constantFrom('create', 'update', 'patch', 'delete', 'deletecollection', 'get');
  const patchKey = 'patch.webhook.admission.k8s.io/round_0_index_0';
  const notes: fc.Arbitrary<JsonObject> = fc.oneof(
    jsonPatches.map((patch) => ({ [patchKey]: stringifyJson({ webhook: 'w', patch }) })),
    planted.map((value) => ({
      [patchKey]: stringifyJson(value),
      'validation.policy.admission.k8s.io/x': value,
    })),
  );
  checkProperty(
    fc.property(
      fc.constantFrom(...REFS),
      verbs,
      fc.option(bodies),
      fc.option(bodies),
      fc.option(notes),
      (objectRef, verb, requestObject, responseObject, noted) => {
        // Those of other resources are kept: nothing of theirs is secret.
        const annotations = REDACTED.has(objectRef) ? (noted ?? {}) : {};
        const fields = { requestObject, responseObject, annotations, objectRef };
        const event = decoded(rawEvent({ verb, query: `?command=${encodeURIComponent(V)}`, fields }));
        const { requestURI, ...rest } = redactEvent(event, redactor);
        assert.deepEqual(canariesIn(stringifyJson(rest)), []);
        if (objectRef['subresource'] === 'exec') assert.deepEqual(canariesIn(requestURI), []);
      },
    ),
    { runs: 1000 },
  );
});

it('the canary is found in whatever form it takes', () => {
  for (const text of [V, B, base64(`x${V}`), base64(`xy${V}`), JSON.stringify([V]), encodeURIComponent(V)]) {
    assert.equal(canariesIn(text).length, 1, text);
  }
});
