import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  equalJson,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectMember,
} from '../../model/json.ts';
import { objectsOf } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { base64, storedSecret } from '../../testing/secrets.ts';
import { applyMergePatch } from '../reduce/merge-patch.ts';
import { redactBody, redactDeletion } from './body.ts';
import { KEY_BYTES, keyedDigest, mark } from './marker.ts';
import type { Reading } from './values.ts';

const digest = keyedDigest(Buffer.alloc(KEY_BYTES, 1));
const of = (value: JsonValue): string => mark(digest, value);
const secret: Reading = { digest, resource: 'secrets', isPatch: false };
const secretPatch: Reading = { ...secret, isPatch: true };
const configMap: Reading = { ...secret, resource: 'configmaps' };
const other: Reading = { ...secret, resource: 'other' };

/** An annotation whose name is known to be harmless. */
const NOTE = 'cert-manager.io/common-name';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

describe('A Secret', () => {
  it('keeps its keys, its type and its metadata', () => {
    const metadata = { labels: { app: 'db' }, annotations: { [NOTE]: 'n', [LAST_APPLIED]: '{}' } };
    const body = { ...storedSecret(1, { password: base64('hunter2') }, metadata), immutable: true };
    assert.deepEqual(redactBody(body, secret), {
      ...body,
      metadata: {
        ...objectMember(body, 'metadata'),
        annotations: { [NOTE]: 'n', [LAST_APPLIED]: of('{}') },
      },
      data: { password: of('hunter2') },
    });
  });

  it('keeps the text of annotations whose names are harmless, and of no others', () => {
    const annotations = { [NOTE]: '{"data":{}}', note: 'managed by x', 'example.com/none': null };
    assert.deepEqual(redactBody({ metadata: { annotations } }, secret), {
      metadata: { annotations: { ...annotations, note: of('managed by x') } },
    });
    assert.deepEqual(redactBody({ metadata: { annotations: { [NOTE]: ['x'] } } }, secret), {
      metadata: { annotations: { [NOTE]: of(['x']) } },
    });
  });

  it('has annotations that say nothing of what stands beside them', () => {
    const texts = fc.constantFrom('hunter2', '', base64('hunter2'), '{"k":"hunter2"}');
    const annotations = objectsOf(fc.constantFrom(NOTE, LAST_APPLIED, 'note', 'a/b'), fc.option(texts));
    const keys = fc.constantFrom('data', 'stringData', 'type', 'spec');
    const besides = objectsOf(keys, fc.oneof(texts, objectsOf(keys, texts)));
    checkProperty(
      fc.property(annotations, besides, besides, (notes, first, second) => {
        const [a, b] = [first, second].map((beside) => {
          const body = redactBody({ ...beside, metadata: { annotations: notes } }, secret);
          return isObject(body) ? body['metadata'] : undefined;
        });
        assert.ok(isObject(a));
        assert.deepEqual(a, b);
      }),
    );
  });

  it('has its stringData folded into its data, as the server does', () => {
    assert.deepEqual(
      redactBody({ data: { a: base64('x'), b: base64('y') }, stringData: { b: 'x', c: null } }, secret),
      { data: { a: of('x'), b: of('x'), c: of('') } },
    );
    assert.deepEqual(redactBody({ kind: 'Secret', stringData: { a: 'x' }, type: 'T' }, secret), {
      kind: 'Secret',
      data: { a: of('x') },
      type: 'T',
    });
    assert.deepEqual(redactBody({ data: null, stringData: { a: 'x' } }, secret), { data: { a: of('x') } });
    assert.deepEqual(redactBody({ stringData: {} }, secret), {});
  });

  it('is redacted whatever its values are', () => {
    const data = { a: 1, b: { c: 'x' }, d: ['x'], e: null, f: true, g: 'no base64' };
    assert.deepEqual(redactBody({ data }, secret), {
      data: { a: of(1), b: of({ c: 'x' }), d: of(['x']), e: of(''), f: of(true), g: of('no base64') },
    });
    assert.deepEqual(redactBody({ data: 'text', stringData: 'text' }, secret), { data: of('text') });
    assert.deepEqual(redactBody({ data: ['x'], stringData: { a: 'x' } }, secret), { data: of(['x']) });
    assert.deepEqual(redactBody({ type: 5, immutable: 'x', Data: { a: 'x' } }, secret), {
      type: of(5),
      immutable: of('x'),
      Data: { a: of('x') },
    });
    assert.deepEqual(redactBody({ metadata: 'x' }, secret), { metadata: of('x') });
    assert.deepEqual(redactBody({ metadata: { annotations: ['x'] } }, secret), {
      metadata: { annotations: of(['x']) },
    });
  });

  it('that is no object becomes one marker', () => {
    assert.equal(redactBody('kind: Secret', secret), of('kind: Secret'));
    assert.equal(redactBody([{ data: {} }], secret), of([{ data: {} }]));
  });
});

describe('A patch of a Secret', () => {
  it('removes what it removed', () => {
    assert.deepEqual(redactBody({ data: { a: null, b: base64('x') } }, secretPatch), {
      data: { a: null, b: of('x') },
    });
    assert.deepEqual(redactBody({ data: null, stringData: { a: null } }, secretPatch), { data: null });
    assert.deepEqual(redactBody({ metadata: { annotations: { [LAST_APPLIED]: null } } }, secretPatch), {
      metadata: { annotations: { [LAST_APPLIED]: null } },
    });
  });

  it('that removes all and sets some is not told: no merge patch does both', () => {
    const patch = { data: null, stringData: { a: 'x' } };
    assert.equal(redactBody(patch, secretPatch), of(patch));
  });

  it('keeps the directives of a strategic merge patch, and no more under their name', () => {
    assert.deepEqual(redactBody({ $patch: 'replace', data: { $patch: 'replace' } }, secretPatch), {
      $patch: 'replace',
      data: { $patch: 'replace' },
    });
    assert.deepEqual(
      redactBody({ $patch: 'x', data: { $patch: 'x' }, stringData: { $patch: 'merge' } }, secretPatch),
      { $patch: of('x'), data: { $patch: of('x') } },
    );
  });

  it('redacted, applied to the redacted Secret, is the patched Secret redacted', () => {
    const keys = fc.constantFrom('a', 'b', '__proto__', 'constructor');
    const texts = fc.constantFrom('', 'x', 'y', 'redacted:hmac-sha256:AAAAAAAAAAAAAAAAAAAAAA');
    const data = objectsOf(keys, texts.map(base64));
    const nullable = { nil: null, freq: 3 };
    const patches = fc.record(
      {
        data: fc.option(objectsOf(keys, fc.option(texts.map(base64), nullable)), { nil: null, freq: 8 }),
        stringData: fc.option(objectsOf(keys, fc.option(texts, nullable)), { nil: null, freq: 8 }),
        type: fc.constant('Opaque'),
        metadata: fc
          .option(texts, nullable)
          .map((text): JsonObject => ({ annotations: { [LAST_APPLIED]: text, note: text, [NOTE]: text } })),
      },
      { requiredKeys: [] },
    );
    let told = 0;
    checkProperty(
      fc.property(data, patches, (stored, made) => {
        const patch: JsonObject = Object.fromEntries(Object.entries(made));
        const redacted = redactBody(patch, secretPatch);
        if (!isObject(redacted)) return;
        told += 1;
        const before = storedSecret(1, stored);
        const after = redactBody(asStored(applyMergePatch(before, patch)), secret);
        assert.ok(equalJson(applyMergePatch(redactBody(before, secret), redacted), after));
      }),
    );
    assert.ok(told > 0);
  });
});

/** kubernetes/pkg/apis/core/v1/conversion.go: what was sent as text is stored as data. */
function asStored(secretBody: JsonValue): JsonValue {
  if (!isObject(secretBody)) return secretBody;
  const { stringData, ...rest } = secretBody;
  if (!isObject(stringData) || Object.keys(stringData).length === 0) return rest;
  const texts = Object.entries(stringData).map(
    ([key, text]) => [key, base64(typeof text === 'string' ? text : '')] as const,
  );
  const data = Object.entries(objectMember(secretBody, 'data') ?? {});
  return { ...rest, data: Object.fromEntries<JsonValue>([...data, ...texts]) };
}

describe('Answers that are no Secret', () => {
  it('a list is redacted item by item, though its items have no kind', () => {
    const items = [{ metadata: { name: 'a' }, data: { k: base64('x') } }, 'x'];
    const list = {
      kind: 'SecretList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '5' },
      items,
      extra: 'x',
    };
    assert.deepEqual(redactBody(list, secret), {
      kind: 'SecretList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '5' },
      items: [{ metadata: { name: 'a' }, data: { k: of('x') } }, of('x')],
    });
  });

  it('an object of a kind that is called a list is no list', () => {
    const body = { kind: 'AllowList', metadata: { name: 'a' }, items: [{ type: 'x' }] };
    assert.deepEqual(redactBody(body, other), { ...body, items: [{ type: of('x') }] });
  });

  it('a Status says what became of which object, and nothing of its values', () => {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: 'hunter2',
      message: 'data[k]: Invalid value: "hunter2"',
      details: { name: 'db', kind: 'secrets', uid: 'uid-s', causes: [{ message: 'hunter2' }] },
      code: 422,
    };
    assert.deepEqual(redactBody(status, secret), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      details: { name: 'db', kind: 'secrets', uid: 'uid-s' },
      code: 422,
    });
  });

  it('a Table loses its rows', () => {
    const table = {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '5' },
      rows: [{ cells: ['x'], object: { data: { k: 'x' } } }],
    };
    const { rows: _, ...rest } = table;
    assert.deepEqual(redactBody(table, secret), rest);
  });

  it('metadata alone is redacted as such', () => {
    const item = {
      metadata: { name: 'a', annotations: { [LAST_APPLIED]: 'x' }, managedFields: [{ v: 'x' }] },
    };
    const redacted = { metadata: { name: 'a', annotations: { [LAST_APPLIED]: of('x') } } };
    assert.deepEqual(redactBody({ kind: 'PartialObjectMetadata', ...item }, secret), {
      kind: 'PartialObjectMetadata',
      ...redacted,
    });
    assert.deepEqual(redactBody({ kind: 'PartialObjectMetadataList', items: [item] }, secret), {
      kind: 'PartialObjectMetadataList',
      items: [redacted],
    });
  });
});

describe('Other resources', () => {
  it('keep their shape, and none of their values', () => {
    const body = {
      kind: 'Database',
      apiVersion: 'example.com/v1',
      metadata: { name: 'a', labels: { l: 'l' } },
      spec: { users: [{ name: 'x', admin: true, quota: 5 }], none: null, ['__proto__']: 'x' },
      status: { password: 'x', phase: 'Running' },
    };
    assert.deepEqual(redactBody(body, other), {
      ...body,
      spec: {
        users: [{ name: of('x'), admin: of(true), quota: of(5) }],
        none: null,
        ['__proto__']: of('x'),
      },
      status: { phase: 'Running' },
    });
  });

  it("a ConfigMap's texts and bytes can be compared", () => {
    assert.deepEqual(redactBody({ data: { a: 'x' }, binaryData: { b: base64('x') } }, configMap), {
      data: { a: of('x') },
      binaryData: { b: of('x') },
    });
    // A text that could be base64 is a text.
    assert.deepEqual(redactBody({ data: { a: base64('x') } }, configMap), { data: { a: of(base64('x')) } });
  });
});

describe('The body of a deletion', () => {
  it('says how it was asked for', () => {
    const options = { gracePeriodSeconds: 0, propagationPolicy: 'Foreground', dryRun: ['All'] };
    const more = { extra: 'x', preconditions: { uid: 'x' } };
    assert.deepEqual(redactDeletion({ kind: 'DeleteOptions', ...options, ...more }, secret), {
      kind: 'DeleteOptions',
      ...options,
    });
    const eviction = { kind: 'Eviction', metadata: { name: 'a' }, deleteOptions: { ...options, ...more } };
    assert.deepEqual(redactDeletion(eviction, other), { ...eviction, deleteOptions: options });
    assert.deepEqual(
      redactDeletion({ kind: 'DeleteOptions', propagationPolicy: 'x', dryRun: ['x'] }, secret),
      { kind: 'DeleteOptions', dryRun: [] },
    );
  });

  it('is redacted as any other where it is something else', () => {
    const redacted = redactDeletion({ kind: 'Secret', data: { a: base64('x') } }, secret);
    assert.ok(isObject(redacted));
    assert.deepEqual(member(redacted, 'data'), { a: of('x') });
  });
});
