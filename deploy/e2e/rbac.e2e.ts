/** deploy/rbac.yaml is enough for the server, and gives those who may view what they may view, and nothing else. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Cluster } from './cluster/cluster.ts';
import { waitUntil } from './cluster/processes.ts';
import { KubeprovenanceProcess } from './kubeprovenance-process.ts';

const RBAC = join(import.meta.dirname, '../rbac.yaml');
const API = '/apis/kubeprovenance.cloudark.io/v1';

describe('The shipped roles', () => {
  let cluster: Cluster;
  let server: KubeprovenanceProcess;

  before(async () => {
    cluster = await Cluster.start({
      controllers: ['clusterrole-aggregation-controller'],
    });
    const applied = await cluster.kubectl(['apply', '-f', RBAC]);
    assert.equal(applied.exitCode, 0, applied.stderr);
    const account = await cluster.serviceAccount('provenance', 'kubeprovenance');
    const { pair } = await cluster.servingCertificate(['DNS:kubeprovenance.provenance.svc']);
    server = await KubeprovenanceProcess.serveSecurely(
      { ...pair, kubeconfig: account.kubeconfig },
      '--audit-log',
      cluster.auditLogPath,
    );
    const service = await cluster.installApiService({ port: server.port, namespace: 'provenance' });
    await service.waitAvailable(10_000);
  });
  after(async () => {
    await server?.stop();
    await cluster?.stop();
  });

  it('let a viewer of a namespace ask about it, and about nothing that they may not read', async () => {
    for (const args of [
      ['create', 'namespace', 'shop'],
      ['create', 'configmap', 'settings', '-n', 'shop', '--from-literal=a=1'],
      ['create', 'secret', 'generic', 'db', '-n', 'shop', '--from-literal=a=1'],
      ['create', 'rolebinding', 'eve', '-n', 'shop', '--clusterrole=view', '--user=eve'],
    ]) {
      const { exitCode, stderr } = await cluster.kubectl(args);
      assert.equal(exitCode, 0, stderr);
    }
    const eve = await cluster.user('eve');
    const ask = async (path: string) => cluster.kubectl(['get', '--raw', `${API}/${path}`], { as: eve });
    const versions = 'namespaces/shop/configmaps/settings/versions';
    await waitUntil('the viewer is answered', 20_000, async () => (await ask(versions)).exitCode === 0);
    assert.match((await ask(versions)).stdout, /"operation": "create"/);
    assert.match((await ask('namespaces/shop/secrets/db/versions')).stderr, /forbidden/i);
    assert.match((await ask('namespaces/default/configmaps/settings/versions')).stderr, /forbidden/i);
    assert.match((await ask('activities')).stderr, /forbidden/i);
    const seen = await cluster.kubectl(['get', 'objecthistories', '-n', 'shop', '-o', 'name'], { as: eve });
    assert.match(seen.stdout, /configmaps:settings/);
    assert.doesNotMatch(seen.stdout, /secrets:db/);
  });
});
