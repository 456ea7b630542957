import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { objectKey } from '../object-key.ts';
import { micros } from '../time.ts';
import { objectHistoryItem, objectHistoryName, parseObjectHistoryName } from './object-history-item.ts';

const alice = makeVersion(1).actor;

test('an item sums up a history', () => {
  const history = {
    key: webKey,
    versions: [
      makeVersion(1),
      makeVersion(2, { operation: 'delete', deleted: true, content: undefined }),
      makeVersion(3, { operation: 'create', created: true, uid: 'uid-2' }),
      makeVersion(4, {
        operation: 'apply',
        uid: '',
        fidelity: 'partial',
        actor: { ...alice, user: 'bob', impersonatedBy: 'admin' },
      }),
    ],
    terminating: { since: micros(1_795_000_000_000_000), actor: alice, auditID: 'audit-9', uid: 'uid-2' },
  };
  assert.deepEqual(objectHistoryItem(history), {
    kind: 'ObjectHistory',
    apiVersion: 'kubeprovenance.cloudark.io/v1',
    metadata: {
      name: 'deployments.apps:web',
      namespace: 'shop',
      uid: 'uid-2',
      creationTimestamp: '2026-11-18T11:09:40Z',
    },
    object: { group: 'apps', resource: 'deployments', namespace: 'shop', name: 'web' },
    versions: 4,
    firstSeen: {
      version: 'v1',
      timestamp: '2026-11-18T11:07:40.000000Z',
      user: 'alice',
      auditID: 'audit-1',
      operation: 'create',
    },
    lastChange: {
      version: 'v4',
      timestamp: '2026-11-18T11:10:40.000000Z',
      user: 'bob',
      impersonatedBy: 'admin',
      auditID: 'audit-4',
      operation: 'apply',
    },
    fidelity: 'partial',
    terminating: { since: '2026-11-18T11:06:40.000000Z', user: 'alice', auditID: 'audit-9' },
  });
});

test('what is not known of an object is left out', () => {
  const seen = makeVersion(1, { firstSeen: true, operation: 'patch', uid: '' });
  const namespace = objectKey('', 'namespaces', '', 'shop');
  const item = objectHistoryItem({ key: namespace, versions: [seen] });
  assert.deepEqual(item.metadata, { name: 'namespaces:shop' });
  assert.equal('deleted' in item || 'terminating' in item, false);
  // The uid and creation of an earlier life are not those of a later one.
  const again = makeVersion(2, { created: true, firstSeen: true, uid: '' });
  const { metadata } = objectHistoryItem({ key: webKey, versions: [makeVersion(1), again] });
  assert.deepEqual(metadata, { name: 'deployments.apps:web', namespace: 'shop' });
  assert.equal(objectHistoryItem(makeHistory([{}, 'deleted'])).deleted, true);
});

test('a name and a namespace mean one object, and no other name means it', () => {
  for (const [name, namespace, key] of [
    ['deployments.apps:web', 'shop', webKey],
    ['configmaps:a', 'shop', objectKey('', 'configmaps', 'shop', 'a')],
    [
      'clusterroles.rbac.authorization.k8s.io:system:node',
      '',
      objectKey('rbac.authorization.k8s.io', 'clusterroles', '', 'system:node'),
    ],
    ['namespaces:shop', '', objectKey('', 'namespaces', '', 'shop')],
  ] as const) {
    assert.deepEqual(parseObjectHistoryName(name, namespace), key);
    assert.equal(objectHistoryName(key), name);
  }
  for (const name of [
    '',
    ':',
    'web',
    ':web',
    'deployments.apps:',
    'deployments.apps',
    'configmaps.:a',
    'deployments.extensions:web',
    '.apps:web',
    'namespaces:shop',
  ])
    assert.equal(parseObjectHistoryName(name, 'shop'), undefined, name);
  const parts = fc.constantFrom('a', 'b.c', 'x:y', '', '.', ':');
  checkProperty(
    fc.property(parts, parts, parts, (resource, name, namespace) => {
      const key = parseObjectHistoryName(`${resource}:${name}`, namespace);
      if (key === undefined) return;
      assert.equal(objectHistoryName(key), `${resource}:${name}`);
      assert.equal(key.namespace, namespace);
    }),
  );
});
