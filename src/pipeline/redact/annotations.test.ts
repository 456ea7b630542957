import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isApplied, isHarmlessAnnotation } from './annotations.ts';

it('annotations of Kubernetes and of those that write references are harmless', () => {
  for (const name of [
    'kubernetes.io/service-account.name',
    'kubectl.kubernetes.io/restartedAt',
    'app.k8s.io/a',
    'meta.helm.sh/release-name',
    'cert-manager.io/common-name',
    'acme.cert-manager.io/a',
    'argocd.argoproj.io/tracking-id',
    'kustomize.toolkit.fluxcd.io/prune',
    'reflector.v1.k8s.emberstack.com/reflects',
  ]) {
    assert.ok(isHarmlessAnnotation(name), name);
  }
});

it('others are not', () => {
  for (const name of [
    '',
    'note',
    'kubernetes.io',
    'example.com/note',
    'mykubernetes.io/a',
    'kubernetes.io.example.com/a',
    'reconcile.external-secrets.io/data-hash',
    'openshift.io/token-secret.value',
    'nginx.ingress.kubernetes.io/configuration-snippet',
    'kubectl.kubernetes.io/last-applied-configuration',
    'cert-manager.io/original',
  ]) {
    assert.ok(!isHarmlessAnnotation(name), name);
  }
});

it('what was applied is told by its name', () => {
  for (const name of [
    'kubectl.kubernetes.io/last-applied-configuration',
    'banzaicloud.com/last-applied',
    'kopf.zalando.org/last-handled-configuration',
    'kapp.k14s.io/original',
    'kapp.k14s.io/original-diff-md5',
    'objectset.rio.cattle.io/applied',
    'applied',
    'example.com/last-applied.config',
  ]) {
    assert.ok(isApplied(name), name);
  }
  for (const name of ['example.com/unapplied', 'example.com/originally', 'applied.example.com/a']) {
    assert.ok(!isApplied(name), name);
  }
});
