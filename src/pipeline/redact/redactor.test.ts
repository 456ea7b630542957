import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mark } from './marker.ts';
import { createRedactor } from './redactor.ts';

it('Secrets are redacted unless told otherwise', () => {
  const { isRedacted } = createRedactor();
  assert.ok(isRedacted({ group: '', resource: 'secrets' }));
  assert.ok(!isRedacted({ group: 'example.com', resource: 'secrets' }));
  assert.ok(!isRedacted({ group: '', resource: 'configmaps' }));
  for (const group of ['ext.cattle.io', 'management.cattle.io']) {
    assert.ok(isRedacted({ group, resource: 'tokens' }));
  }
  assert.ok(isRedacted({ group: 'oauth.openshift.io', resource: 'oauthclients' }));
  assert.ok(!createRedactor({ resources: [] }).isRedacted({ group: '', resource: 'secrets' }));
});

it('a resource is the same by any of its groups', () => {
  const { isRedacted } = createRedactor({ resources: ['ingresses.extensions', 'databases.example.com'] });
  assert.ok(isRedacted({ group: 'networking.k8s.io', resource: 'ingresses' }));
  assert.ok(isRedacted({ group: 'extensions', resource: 'ingresses' }));
  assert.ok(isRedacted({ group: 'example.com', resource: 'databases' }));
  assert.ok(!isRedacted({ group: '', resource: 'databases' }));
});

it('without a key every redactor has its own', () => {
  assert.notEqual(mark(createRedactor().digest, 'x'), mark(createRedactor().digest, 'x'));
});
