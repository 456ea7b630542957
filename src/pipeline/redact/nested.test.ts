import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  equalJson,
  JSON_DEPTH_MAX,
  type JsonObject,
  type JsonValue,
  stringifyJson,
} from '../../model/json.ts';
import { objectsOf } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { base64, CANARY, canariesIn, storedSecret } from '../../testing/secrets.ts';
import { applyMergePatch } from '../reduce/merge-patch.ts';
import { KEY_BYTES, mark } from './marker.ts';
import { redactNested } from './nested.ts';
import { createRedactor } from './redactor.ts';

const key = Buffer.alloc(KEY_BYTES, 1);
const redactor = createRedactor({ resources: ['secrets', 'policies.example.com'], key });
const of = (value: JsonValue): string => mark(redactor.digest, value);
const redacted = (value: JsonValue): JsonValue => redactNested(value, redactor);

const SECRET = { apiVersion: 'v1', kind: 'Secret', data: { k: base64('x') }, stringData: { l: 'y' } };
const REDACTED = { apiVersion: 'v1', kind: 'Secret', data: { k: of('x') }, stringData: { l: of('y') } };

describe('A Secret inside another object', () => {
  it('loses its values, wherever it stands', () => {
    const wraps: readonly ((secret: JsonObject) => JsonValue)[] = [
      (secret) => secret,
      (secret) => ({ kind: 'ManifestWork', spec: { workload: { manifests: [{ kind: 'Pod' }, secret] } } }),
      (secret) => ({ kind: 'Template', objects: [secret], parameters: [{ name: 'P' }] }),
      (secret) => ({ kind: 'List', apiVersion: 'v1', items: [{ kind: 'List', items: [secret] }] }),
      (secret) => [{ op: 'add', path: '/spec/workload/manifests/-', value: secret }],
      (secret) => Object.fromEntries([['__proto__', secret]]),
    ];
    for (const wrap of wraps) assert.deepEqual(redacted(wrap(SECRET)), wrap(REDACTED));
  });

  it('is data: its texts are not folded, and null stays null', () => {
    const odd = { kind: 'Secret', data: { k: null, l: 5 }, stringData: null, type: 'Opaque' };
    assert.deepEqual(redacted([odd]), [{ ...odd, data: { k: null, l: of(5) } }]);
  });

  it('has a marker which is that of the Secret itself', () => {
    assert.deepEqual(redacted({ spec: storedSecret(1, { k: base64('y') }) }), {
      spec: storedSecret(1, { k: REDACTED.stringData.l }),
    });
  });

  it('in a list has its kind from the list', () => {
    const { kind: _kind, apiVersion: _version, ...item } = SECRET;
    const list = { kind: 'SecretList', apiVersion: 'v1' };
    assert.deepEqual(redacted({ all: { ...list, items: [item, 'x'] } }), {
      all: { ...list, items: [{ data: REDACTED.data, stringData: REDACTED.stringData }, 'x'] },
    });
  });

  it('in JSON text is found, and in the text that stands in its text', () => {
    const text = (secret: JsonObject, indent?: number): string =>
      stringifyJson({ spec: stringifyJson({ annotations: { a: stringifyJson([secret], indent) } }) }, indent);
    for (const indent of [undefined, 2]) {
      const answer = redacted({ a: ` ${text(SECRET, indent)}\n` });
      assert.deepEqual(answer, { a: text(REDACTED) });
    }
    const escaped = String.raw`{"k\u0069nd":"Secret","data":{"k":"eA=="}}`;
    assert.equal(redacted(escaped), stringifyJson({ kind: 'Secret', data: { k: of('x') } }));
  });

  it('in a text that cannot be parsed makes one marker of it', () => {
    for (const text of [
      '{"kind": "Secret", "data"',
      `{}\n${JSON.stringify(SECRET)}`,
      `[${'['.repeat(2000)}"stringData"`,
    ])
      assert.equal(redacted(text), of(text));
  });

  it('is told by its texts, where a patch does not say its kind', () => {
    assert.deepEqual(redacted({ spec: { manifest: { stringData: { k: 'x', l: null } } } }), {
      spec: { manifest: { stringData: { k: of('x'), l: null } } },
    });
    for (const [path, value] of [
      ['/spec/manifest/stringData/k', 'x'],
      ['/spec/manifest/stringData', { k: 'x' }],
    ] as const) {
      const marked = typeof value === 'string' ? of('x') : { k: of('x') };
      assert.deepEqual(redacted([{ op: 'add', path, value }]), [{ op: 'add', path, value: marked }]);
    }
  });

  it('of a redacted kind of another group is redacted as that', () => {
    const policy = { apiVersion: 'example.com/v1', kind: 'Policy', spec: { a: 'x' } };
    assert.deepEqual(redacted([policy]), [{ ...policy, spec: { a: of('x') } }]);
    const text = stringifyJson(policy);
    assert.equal(redacted(text), text.replace('"x"', JSON.stringify(of('x'))));
  });
});

describe("Helm's ConfigMap", () => {
  const release = { apiVersion: 'v1', kind: 'ConfigMap', data: { release: 'x' } };
  const marked = { ...release, data: { release: of('x') } };

  it('is told by its label or its name, and what stands beside it in a list is not redacted', () => {
    for (const metadata of [{ name: 'a', labels: { owner: 'helm' } }, { name: 'sh.helm.release.v1.a.v1' }]) {
      assert.deepEqual(redacted({ ...release, metadata }), { ...marked, metadata });
      assert.equal(redacted(stringifyJson({ ...release, metadata })), stringifyJson({ ...marked, metadata }));
      const list = { kind: 'ConfigMapList', apiVersion: 'v1' };
      const beside = { metadata: { name: 'b' }, data: { a: 'x', b: stringifyJson(SECRET) } };
      assert.deepEqual(redacted({ ...list, items: [{ metadata, data: { release: 'x' } }, beside] }), {
        ...list,
        items: [
          { metadata, data: { release: of('x') } },
          { ...beside, data: { a: 'x', b: stringifyJson(REDACTED) } },
        ],
      });
    }
  });

  it('is kept where Secrets are', () => {
    const others = createRedactor({ resources: ['policies.example.com'] });
    const body = { ...release, metadata: { labels: { owner: 'helm' } }, spec: SECRET };
    assert.equal(redactNested(body, others), body);
  });
});

describe('What holds no Secret', () => {
  it('is handed on as it is', () => {
    const bodies: readonly JsonValue[] = [
      { involvedObject: { apiVersion: 'v1', kind: 'Secret', name: 'a', namespace: 'b' } },
      { valuesFrom: [{ kind: 'Secret', name: 'a' }], note: '{"kind": "Secret", "name": "a"}' },
      { kind: 'Secret', apiVersion: 'example.com/v1', data: { k: 'x' } },
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { k: 'kind: Secret' } },
      { kind: 'ConfigMapList', apiVersion: 'v1', items: [{ metadata: { name: 'a' }, data: { k: 'x' } }] },
      { properties: { stringData: { type: 'object', additionalProperties: { type: 'string' } } } },
      [{ op: 'add', path: '/spec/x', value: 'x' }, '[section]', '{ no JSON', 5n, null],
      '{"a": 1,  "kind":"Pod"}',
      'x',
    ];
    for (const body of bodies) assert.equal(redacted(body), body);
  });

  it('stays the same where a Secret stands beside it', () => {
    const kept = { kind: 'Pod', spec: { a: ['x'] } };
    const answer = redacted({ items: [kept, SECRET], more: kept });
    assert.deepEqual(answer, { items: [kept, REDACTED], more: kept });
    assert.ok(typeof answer === 'object' && answer !== null && 'more' in answer);
    assert.equal(answer.more, kept);
  });
});

describe('However deep it stands', () => {
  it('text in text in text does not exhaust the stack', () => {
    const deep = (inner: string): string =>
      `${'['.repeat(JSON_DEPTH_MAX - 10)}${inner}${']'.repeat(JSON_DEPTH_MAX - 10)}`;
    let text = stringifyJson({ ...SECRET, data: { k: CANARY } });
    for (let level = 0; level < 8; level += 1) text = deep(JSON.stringify(text));
    assert.deepEqual(canariesIn(stringifyJson(redacted({ a: text }))), []);
  });

  it('a text of nothing but escapes is told in no time', () => {
    const texts = ['\\'.repeat(500_000), '"kind'.repeat(100_000), `"kind":${'\\n'.repeat(200_000)}`];
    for (const text of texts) assert.equal(redacted(`[${text}`), `[${text}`);
  });
});

it('a patch redacted, applied to the body redacted, is the patched body redacted', () => {
  const keys = fc.constantFrom('a', 'b', '__proto__');
  const texts = fc.constantFrom('', 'x', 'y');
  const nullable = { nil: null, freq: 3 };
  const maps = (values: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject | null> =>
    fc.option(objectsOf(keys, fc.option(values, nullable)), { nil: null, freq: 8 });
  const secrets = fc.record<JsonObject>({
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Secret'),
    data: maps(texts.map(base64)),
    stringData: maps(texts),
    metadata: fc.record({ annotations: fc.record({ note: fc.option(texts, nullable) }) }),
  });
  const wholes = secrets.map((secret) => applyMergePatch({}, secret));
  const patches = fc.oneof(
    secrets,
    maps(texts).map((stringData): JsonObject => ({ stringData })),
    fc.constant(null),
  );
  checkProperty(
    fc.property(wholes, patches, (manifest, change) => {
      const before = { spec: { manifest, list: [manifest] } };
      const patch = { spec: { manifest: change, list: [change] } };
      const after = redacted(applyMergePatch(before, patch));
      assert.ok(equalJson(applyMergePatch(redacted(before), redacted(patch)), after));
    }),
  );
});
