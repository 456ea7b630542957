import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonArray, JsonObject, JsonValue } from '../../model/json.ts';
import { base64 } from '../../testing/secrets.ts';
import { redactJsonPatch } from './json-patch.ts';
import { KEY_BYTES, keyedDigest, mark } from './marker.ts';
import type { Reading } from './values.ts';

const digest = keyedDigest(Buffer.alloc(KEY_BYTES, 1));
const of = (value: JsonValue): string => mark(digest, value);
const secret: Reading = { digest, resource: 'secrets', isPatch: true };
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What a value becomes that is put at a place. */
function put(path: JsonValue, value: JsonValue, reading = secret): JsonArray {
  return redactJsonPatch([{ op: 'add', path, value }], reading);
}

it('a value of a Secret becomes a marker, and is compared as its bytes', () => {
  for (const path of ['/data/k', '/data/a~1b~0c', 'x/data/k']) {
    assert.deepEqual(put(path, base64('x')), [{ op: 'add', path, value: of('x') }]);
  }
  assert.deepEqual(put('/stringData/k', 'x'), [{ op: 'add', path: '/stringData/k', value: of('x') }]);
  assert.deepEqual(put('/data', { k: base64('x'), n: null }), [
    { op: 'add', path: '/data', value: { k: of('x'), n: of('') } },
  ]);
  assert.deepEqual(put('/stringData', { k: 'x' }), [
    { op: 'add', path: '/stringData', value: { k: of('x') } },
  ]);
});

it('what is tested or replaced is redacted as what is added; places stay', () => {
  const patch: JsonArray = [
    { op: 'test', path: '/data/k', value: base64('x') },
    { op: 'replace', path: '/data/k', value: base64('y') },
    { op: 'remove', path: '/data/l' },
    { op: 'move', from: '/data/m', path: '/data/n' },
  ];
  assert.deepEqual(redactJsonPatch(patch, secret), [
    { op: 'test', path: '/data/k', value: of('x') },
    { op: 'replace', path: '/data/k', value: of('y') },
    ...patch.slice(2),
  ]);
});

it('a whole object is redacted as one', () => {
  const value = { kind: 'Secret', data: { k: base64('x') } };
  assert.deepEqual(put('', value), [
    { op: 'add', path: '', value: { kind: 'Secret', data: { k: of('x') } } },
  ]);
});

it('metadata stay, but for what repeats the object', () => {
  const kept: readonly (readonly [string, JsonValue])[] = [
    ['/metadata/labels/l', 'x'],
    ['/metadata/annotations/cert-manager.io~1common-name', 'x'],
    ['/metadata/annotations', { 'cert-manager.io/common-name': 'x' }],
    ['/metadata', { labels: { l: 'x' } }],
    ['/type', 'Opaque'],
  ];
  for (const [path, value] of kept) assert.deepEqual(put(path, value), [{ op: 'add', path, value }]);
  const path = `/metadata/annotations/${LAST_APPLIED.replace('/', '~1')}`;
  assert.deepEqual(put(path, 'x'), [{ op: 'add', path, value: of('x') }]);
  assert.deepEqual(put('/metadata/annotations', { [LAST_APPLIED]: 'x' }), [
    { op: 'add', path: '/metadata/annotations', value: { [LAST_APPLIED]: of('x') } },
  ]);
  assert.deepEqual(put('/metadata/managedFields/0', { v: 'x' }), [
    { op: 'add', path: '/metadata/managedFields/0', value: of({ v: 'x' }) },
  ]);
});

it('an annotation is told by its name', () => {
  const path = '/metadata/annotations/example.com~1note';
  assert.deepEqual(put(path, 'x'), [{ op: 'add', path, value: of('x') }]);
  assert.deepEqual(put('/metadata/annotations', { 'example.com/note': 'x' }), [
    { op: 'add', path: '/metadata/annotations', value: { 'example.com/note': of('x') } },
  ]);
});

it('other resources lose every value', () => {
  const other: Reading = { ...secret, resource: 'other' };
  assert.deepEqual(put('/spec/users/-', { name: 'x' }, other), [
    { op: 'add', path: '/spec/users/-', value: { name: of('x') } },
  ]);
  const configMap: Reading = { ...secret, resource: 'configmaps' };
  assert.deepEqual(put('/binaryData/k', base64('x'), configMap), [
    { op: 'add', path: '/binaryData/k', value: of('x') },
  ]);
  assert.deepEqual(put('/data/k', base64('x'), configMap), [
    { op: 'add', path: '/data/k', value: of(base64('x')) },
  ]);
});

it('what is no operation, or has no place, is marked whole', () => {
  assert.deepEqual(redactJsonPatch(['x', 5, null], secret), [of('x'), of(5), of(null)]);
  assert.deepEqual(put('data', { labels: 'x' }), [
    { op: 'add', path: of('data'), value: of({ labels: 'x' }) },
  ]);
  assert.deepEqual(put(5, 'x'), [{ op: 'add', path: of(5), value: of('x') }]);
  const odd: JsonObject = { op: 'x', path: '/metadata/labels/l', values: ['x'] };
  assert.deepEqual(redactJsonPatch([odd], secret), [
    { op: of('x'), path: '/metadata/labels/l', values: of(['x']) },
  ]);
});
