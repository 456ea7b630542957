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
import { jsonValues, objectsOf } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { base64, CANARY, storedSecret } from '../../testing/secrets.ts';
import { applyMergePatch } from '../reduce/merge-patch.ts';
import { KEY_BYTES, keyedDigest, mark } from './marker.ts';
import { redactNested } from './nested.ts';

const key = Buffer.alloc(KEY_BYTES, 1);
const digest = keyedDigest(key);
const of = (value: JsonValue): string => mark(digest, value);
const redacted = (value: JsonValue): JsonValue => redactNested(value, digest);

const SECRET = { apiVersion: 'v1', kind: 'Secret', data: { k: base64('x') }, stringData: { l: 'y' } };
const REDACTED = { apiVersion: 'v1', kind: 'Secret', data: { k: of('x') }, stringData: { l: of('y') } };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

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

  it('loses nothing else', () => {
    const beside = { name: 'a', synchronize: true, ready: 1, type: 'T', status: { phase: 'x' }, spec: ['x'] };
    const metadata = { name: 'db', labels: { a: 'x' }, annotations: { note: '{"kind":"Secret"}' } };
    assert.deepEqual(redacted({ ...SECRET, ...beside, metadata }), { ...REDACTED, ...beside, metadata });
  });

  it('loses what was applied of it, whatever that says', () => {
    const annotated = (text: JsonValue): JsonObject => ({
      ...REDACTED,
      metadata: { annotations: { [LAST_APPLIED]: text, 'a/applied': null, note: 'x' } },
    });
    assert.deepEqual(redacted([{ ...annotated('x'), data: SECRET.data, stringData: SECRET.stringData }]), [
      annotated(of('x')),
    ]);
  });

  it('is data: its texts are not folded, null stays null, and shapes stay', () => {
    const odd = { ...SECRET, data: { k: null, l: 5, m: ['x'], $patch: 'replace' }, stringData: null };
    assert.deepEqual(redacted([odd]), [
      { ...odd, data: { k: null, l: of(5), m: [of('x')], $patch: 'replace' } },
    ]);
  });

  it('has a marker which is that of the Secret itself', () => {
    assert.deepEqual(redacted({ spec: storedSecret(1, { k: base64('y') }) }), {
      spec: storedSecret(1, { k: REDACTED.stringData.l }),
    });
  });

  it('in a list has from the list what it does not say', () => {
    const { kind, apiVersion: _version, ...item } = SECRET;
    const { data, stringData } = REDACTED;
    for (const [list, secret] of [
      ['SecretList', item],
      ['List', { kind, ...item }],
    ] as const) {
      assert.deepEqual(redacted({ all: { kind: list, apiVersion: 'v1', items: [secret, 'x'] } }), {
        all: { kind: list, apiVersion: 'v1', items: [{ ...secret, data, stringData }, 'x'] },
      });
    }
  });
});

describe('What was applied', () => {
  const text = stringifyJson({ spec: { manifests: [SECRET] } });
  const APPLIED = [LAST_APPLIED, 'banzaicloud.com/last-applied', 'objectset.rio.cattle.io/applied'];
  const annotated = (name: string, value: string): JsonObject => ({
    metadata: { annotations: { [name]: value } },
  });

  it('is one marker where a Secret with values stands in it', () => {
    for (const name of APPLIED) {
      assert.deepEqual(redacted(annotated(name, text)), annotated(name, of(text)));
      const inside = { spec: { template: annotated(name, text) } };
      assert.deepEqual(redacted(inside), { spec: { template: annotated(name, of(text)) } });
    }
    const escaped = String.raw`{"apiVersion":"v1","kind":"\u0053ecret","data":{"k":"eA=="}}`;
    assert.deepEqual(redacted(annotated('a/applied', escaped)), annotated('a/applied', of(escaped)));
  });

  it('is one marker where a JSON Patch puts it', () => {
    const path = '/metadata/annotations';
    const single = `${path}/${LAST_APPLIED.replace('/', '~1')}`;
    assert.deepEqual(redacted([{ op: 'add', path: single, value: text }]), [
      { op: 'add', path: single, value: of(text) },
    ]);
    assert.deepEqual(redacted([{ op: 'add', path, value: { [LAST_APPLIED]: text, a: text } }]), [
      { op: 'add', path, value: { [LAST_APPLIED]: of(text), a: text } },
    ]);
  });

  it('is one marker where it cannot be told', () => {
    const inner = stringifyJson(annotated(LAST_APPLIED, text));
    for (const odd of ['{"kind": "Secret", "data"', `${'['.repeat(2000)}"Secret"`, inner]) {
      assert.deepEqual(redacted(annotated(LAST_APPLIED, odd)), annotated(LAST_APPLIED, of(odd)));
    }
  });

  it('stays where no Secret has values in it', () => {
    for (const harmless of [
      stringifyJson({ spec: { ref: { apiVersion: 'v1', kind: 'Secret', name: 'db' } } }),
      '{ no JSON',
      String.raw`{ no JSON \u003c`,
      stringifyJson({ ...SECRET, apiVersion: 'example.com/v1' }),
    ]) {
      const body = annotated(LAST_APPLIED, harmless);
      assert.equal(redacted(body), body);
    }
  });
});

describe('What holds no Secret', () => {
  it('is handed on as it is', () => {
    const bodies: readonly JsonValue[] = [
      { involvedObject: { apiVersion: 'v1', kind: 'Secret', name: 'a', namespace: 'b' } },
      { valuesFrom: [{ kind: 'Secret', name: 'a' }], note: '{"kind": "Secret", "name": "a"}' },
      { kind: 'Secret', apiVersion: 'example.com/v1', data: { k: 'x' } },
      { kind: 'Secret', data: { k: 'x' } },
      { apiVersion: 'v1', kind: 'Secret', data: 'x', stringData: ['x'] },
      { kind: 'SecretList', apiVersion: 'example.com/v1', items: [{ data: { k: 'x' } }] },
      { kind: 'ConfigMapList', apiVersion: 'v1', items: [{ metadata: { name: 'a' }, data: { k: 'x' } }] },
      { spec: { manifest: { stringData: { k: 'x' } } } },
      { properties: { kind: { type: 'string' }, data: { type: 'object' }, stringData: { type: 'object' } } },
      { apiVersion: 'v1', kind: 'Secret', data: { a: null, b: {} }, stringData: {} },
      { apiVersion: 'v1', kind: 'Secret', data: {}, metadata: { annotations: { note: 'x' } } },
      [
        { op: 'add', path: '/spec/x', value: 'x' },
        { op: 'add', path: '/stringData/k', value: 'x' },
        5n,
        null,
      ],
      'x',
    ];
    for (const body of bodies) assert.equal(redacted(body), body);
  });

  it('is text: only what was applied is read', () => {
    const text = stringifyJson(SECRET);
    const configMap = { kind: 'ConfigMap', apiVersion: 'v1', data: { a: text, b: `[${text}` } };
    const noted = { metadata: { annotations: { note: text, 'example.com/config': text } } };
    for (const body of [configMap, noted, [{ op: 'add', path: '/data/applied', value: text }]]) {
      assert.equal(redacted(body), body);
    }
  });

  it('is the same value, whatever it is', () => {
    const harmless = jsonValues.filter((value) => !stringifyJson(value).includes('Secret'));
    checkProperty(fc.property(harmless, (value) => assert.equal(redacted(value), value)));
  });

  it('stays the same where a Secret stands beside it', () => {
    const kept = { kind: 'Pod', spec: { a: ['x'] } };
    const answer = redacted({ items: [kept, SECRET], more: kept });
    assert.deepEqual(answer, { items: [kept, REDACTED], more: kept });
    assert.ok(typeof answer === 'object' && answer !== null && 'more' in answer);
    assert.equal(answer.more, kept);
  });
});

it('each text is read once: text in text in text does not exhaust the stack', () => {
  const depth = JSON_DEPTH_MAX - 10;
  const deep = (inner: string): string => `${'['.repeat(depth)}${inner}${']'.repeat(depth)}`;
  let text = stringifyJson({ ...SECRET, data: { k: CANARY } });
  for (let level = 0; level < 8; level += 1) {
    text = deep(stringifyJson({ annotations: { 'a/applied': text } }));
  }
  assert.deepEqual(redacted({ annotations: { 'a/applied': text } }), {
    annotations: { 'a/applied': of(text) },
  });
});

it('a patch redacted, applied to the body redacted, is the patched body redacted', () => {
  const keys = fc.constantFrom('a', 'b', '__proto__');
  const texts = fc.constantFrom('', 'x', 'y');
  const nullable = { nil: null, freq: 3 };
  const maps = (values: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> =>
    objectsOf(keys, fc.option(values, nullable));
  const secrets = fc.record<JsonObject>({
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Secret'),
    data: maps(texts.map(base64)),
    stringData: maps(texts),
    metadata: fc.record({ annotations: fc.record({ note: fc.option(texts, nullable) }) }),
  });
  const wholes = secrets.map((secret) => applyMergePatch({}, secret));
  checkProperty(
    fc.property(wholes, fc.oneof(secrets, fc.constant(null)), (manifest, change) => {
      const before = { spec: { manifest, list: [manifest] } };
      const patch = { spec: { manifest: change, list: [change] } };
      const after = redacted(applyMergePatch(before, patch));
      assert.ok(equalJson(applyMergePatch(redacted(before), redacted(patch)), after));
    }),
  );
});
