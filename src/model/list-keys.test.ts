import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseListKey, keyTexts } from './list-keys.ts';
import type { JsonArray } from './json.ts';

function chosen(field: string | undefined, ...lists: JsonArray[]): string | undefined {
  return chooseListKey(field, lists)
    ?.map(({ name }) => name)
    .join('+');
}

test('built-in lists have the keys of their OpenAPI', () => {
  assert.equal(chosen('containers', [{ name: 'a' }], [{ name: 'b' }]), 'name');
  assert.equal(chosen('ports', [{ containerPort: 80, name: 'http' }]), 'containerPort+protocol');
  assert.equal(chosen('ports', [{ port: 80, name: 'http' }]), 'port+protocol');
  assert.equal(chosen('volumeMounts', [{ name: 'v', mountPath: '/a' }]), 'mountPath');
  assert.equal(chosen('volumeDevices', [{ name: 'v', devicePath: '/a' }]), 'devicePath');
  assert.equal(chosen('hostAliases', [{ ip: '::1' }]), 'ip');
  assert.equal(chosen('ownerReferences', [{ uid: 'u', name: 'n' }]), 'uid');
  assert.equal(
    chosen('topologySpreadConstraints', [{ topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }]),
    'topologyKey+whenUnsatisfiable',
  );
});

test('a port without a protocol is TCP', () => {
  const key = chooseListKey('ports', [[{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }]]) ?? [];
  assert.deepEqual(keyTexts({ containerPort: 53 }, key), ['53', 'TCP']);
  assert.equal(
    chosen('ports', [[{ containerPort: 53 }, { containerPort: 53, protocol: 'TCP' }]].flat()),
    undefined,
  );
});

test('tolerations are atomic', () => {
  assert.equal(chosen('tolerations', [{ key: 'a' }], [{ key: 'b' }]), undefined);
});

test('an unknown list has the first member that tells its entries apart', () => {
  assert.equal(chosen('users', [{ username: 'p', password: 'x' }], [{ username: 'q' }]), 'username');
  assert.equal(chosen('users', [{ name: 'p', username: 'x' }]), 'name');
  assert.equal(chosen(undefined, [{ id: 1 }, { id: 2 }]), 'id');
});

test('no key where an entry lacks it, shares it, or is no object, on either side', () => {
  assert.equal(chosen('users', [{ username: 'p' }], [{}]), undefined);
  assert.equal(chosen('users', [{ username: 'p' }, { username: 'p' }]), undefined);
  assert.equal(chosen('users', [{ username: 'p' }], ['p']), undefined);
  assert.equal(chosen('users', [{ username: true }]), undefined);
  assert.equal(chosen('env', [{ name: 'A' }, { name: 'A' }]), undefined);
  assert.equal(chosen('env', [{ name: '1' }, { name: 1 }]), undefined);
});
