import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceOfKey } from './storage-key.ts';

test('the resource is told by the key', () => {
  for (const [key, resource] of [
    ['/registry/configmaps/kube-system/extension-apiserver-authentication', 'configmaps'],
    ['/registry/deployments/shop/web', 'deployments'],
    ['/registry/namespaces/shop', 'namespaces'],
    ['/registry/clusterroles/system:controller:job-controller', 'clusterroles'],
    ['/registry/services/specs/default/kubernetes', 'services'],
    ['/registry/services/endpoints/default/kubernetes', 'endpoints'],
    ['/registry/minions/node-1', 'nodes'],
    ['/registry/controllers/shop/old', 'replicationcontrollers'],
    ['/registry/ingress/shop/web', 'ingresses'],
    ['/registry/apiregistration.k8s.io/apiservices/v1.apps', 'apiservices'],
    ['/registry/apiextensions.k8s.io/customresourcedefinitions/a.b.c', 'customresourcedefinitions'],
    ['/registry/postgrescontroller.kubeplus/postgreses/shop/db', 'postgreses'],
  ] as const) {
    assert.equal(resourceOfKey(key), resource, key);
  }
});

test('what is no object has none', () => {
  for (const key of [
    'compact_rev_key',
    '/registry/ranges/servicenodeports',
    '/registry/masterleases/127.0.0.1',
  ]) {
    assert.equal(resourceOfKey(key), undefined, key);
  }
});
