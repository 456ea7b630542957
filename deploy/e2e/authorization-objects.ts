/** The objects that the matrix is about. */
import type { Cluster } from './cluster/cluster.ts';
import type { Manifest } from './cluster/manifests.ts';

/** The one who made them, and does nothing else: what is listed of this user is known. */
export const MAKER = 'maker';

/** On every object, so that every object can be asked when it had them. */
const LABELS = { team: 'x' };
const DEPLOYMENTS = '/apis/apps/v1/namespaces';

/** Makes them: in `shop` what is sold, in `bank` the books, and one that is in no namespace. */
export async function makeObjects(cluster: Cluster): Promise<void> {
  const { client } = await cluster.user(MAKER, 'system:masters');
  const create = async (path: string, body: Manifest): Promise<void> => {
    await client.expect({ method: 'POST', path, body });
  };
  // The bot's and the roles' namespaces are there already, without a trace in the log: now the log tells of them.
  for (const name of ['shop', 'bank']) {
    const contentType = 'application/merge-patch+json';
    const body = { metadata: { labels: LABELS } };
    await client.expect({
      method: 'PATCH',
      path: `/api/v1/namespaces/${name}`,
      contentType,
      body,
    });
  }
  for (const [where, name] of [
    ['shop', 'web'],
    ['shop', 'cart'],
    ['bank', 'ledger'],
  ] as const) {
    await create(`${DEPLOYMENTS}/${where}/deployments`, deployment(name));
    const contentType = 'application/strategic-merge-patch+json';
    const body = { spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:2' }] } } } };
    const path = `${DEPLOYMENTS}/${where}/deployments/${name}`;
    await client.expect({ method: 'PATCH', path, contentType, body });
  }
  for (const [where, name] of [
    ['shop', 'settings'],
    ['bank', 'rates'],
  ] as const) {
    await create(`/api/v1/namespaces/${where}/configmaps`, {
      metadata: { name, labels: LABELS },
      data: { a: '1' },
    });
  }
  for (const [where, name] of [
    ['shop', 'password'],
    ['bank', 'vault'],
  ] as const) {
    await create(`/api/v1/namespaces/${where}/secrets`, {
      metadata: { name, labels: LABELS },
      stringData: { a: '1' },
    });
  }
  await create('/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    metadata: { name: 'auditors', labels: LABELS },
    rules: [],
  });
}

function deployment(name: string): Manifest {
  const labels = { app: name };
  return {
    metadata: { name, labels: LABELS },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx:1' }] } },
    },
  };
}
