import assert from 'node:assert/strict';
import { it } from 'node:test';
import { resourceList } from './options.ts';

it('a list of resources is one value, and an empty one is none', () => {
  assert.deepEqual(resourceList('leases.coordination.k8s.io,events'), [
    'leases.coordination.k8s.io',
    'events',
  ]);
  assert.deepEqual(resourceList('events'), ['events']);
  assert.deepEqual(resourceList('events, pods'), ['events', 'pods']);
  assert.deepEqual(resourceList(''), []);
});

it('what is no resource is refused: it is most likely a path, or another way of writing a list', () => {
  for (const text of [
    'audit.log,',
    ',',
    'events,,pods',
    '/var/log/audit.log',
    'apps/deployments',
    'events pods',
  ]) {
    assert.throws(() => resourceList(text), /is no PLURAL or PLURAL\.GROUP/, text);
  }
});
