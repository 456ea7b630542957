import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayReader } from '../../testing/array-reader.ts';
import { makeHistory } from '../../testing/arbitraries.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import { findHistory, type ObjectName } from './find-object.ts';

const keys = [
  { group: 'apps', resource: 'deployments', namespace: 'shop', name: 'web' },
  { group: '', resource: 'services', namespace: 'shop', name: 'web' },
  { group: 'serving.knative.dev', resource: 'services', namespace: 'shop', name: 'web' },
  { group: '', resource: 'namespaces', namespace: '', name: 'shop' },
  { group: 'networking.k8s.io', resource: 'networkpolicies', namespace: 'shop', name: 'deny' },
];
const reader = arrayReader(keys.map((key) => makeHistory([{}], key)));

function find(resource: string, name = 'web', more: Partial<ObjectName> = {}) {
  return findHistory(reader, { resource, namespace: 'shop', name, ...more }).key;
}

test('an object is found by its plural, qualified where need be', () => {
  assert.equal(find('deployments'), keys[0]);
  assert.equal(find('deployments.apps'), keys[0]);
  assert.equal(find('deployments', 'web', { group: 'apps' }), keys[0]);
  assert.equal(find('deployments.extensions'), keys[0], 'an old group of the same store');
  assert.equal(find('services.serving.knative.dev'), keys[2]);
  assert.equal(find('services', 'web', { group: '' }), keys[1]);
  assert.equal(find('services.'), keys[1]);
  assert.equal(find('namespaces', 'shop', { namespace: 'shop' }), keys[3]);
});

test('a plural of several groups is ambiguous', () => {
  assertRefused(
    () => find('services'),
    'RESOURCE_AMBIGUOUS',
    /ask for services\. or services\.serving\.knative\.dev/,
  );
  assertRefused(() => find('deployments.apps', 'web', { group: 'x' }), 'PARAMETER_INVALID', /contradict/);
});

test('what is not recorded says what to do, and nothing of other objects', () => {
  assertRefused(() => find('deployment'), 'RESOURCE_NOT_FOUND', /did you mean "deployments"\?$/);
  assertRefused(() => find('NetworkPolicy'), 'RESOURCE_NOT_FOUND', /did you mean "networkpolicies"\?$/);
  assertRefused(() => find('widgets'), 'RESOURCE_NOT_FOUND', /kubectl api-resources/);
  assertRefused(() => find('deployments.other'), 'RESOURCE_NOT_FOUND', /did you mean "deployments\.apps"/);
  const elsewhere = () => find('deployments', 'web', { namespace: 'other' });
  assertRefused(
    elsewhere,
    'OBJECT_NOT_FOUND',
    /^no version of deployments\.apps "web" in namespace "other" is/,
  );
  assert.throws(elsewhere, (error) => error instanceof Error && !error.message.includes('shop'));
});
