/**
 * A story to be logged at any level: alice and bob make, change, scale and delete a ConfigMap, a Deployment and a custom
 * resource. What the cluster itself had after each write is kept beside it.
 */
import type { JsonValue } from '../../../src/model/json.ts';
import type { Manifest } from '../cluster/manifests.ts';
import { waitUntil } from '../cluster/processes.ts';
import type { ProvenanceCluster } from './provenance-cluster.ts';

/** One write, and what was stored after it; nothing after a deletion. */
export interface ToldWrite {
  readonly user: 'alice' | 'bob';
  /** As a version of ours says it. */
  readonly operation: string;
  readonly stored?: JsonValue;
  /** It was logged between these two times (since 1970). */
  readonly sentMs: number;
  readonly answeredMs: number;
}

/** By the name of the object's resource: its writes, in order. */
export type Told = Readonly<Record<'configmaps' | 'deployments' | 'wares', readonly ToldWrite[]>>;

/** Where each of the objects is, below our group's version. */
export const TOLD_OBJECTS = {
  configmaps: 'namespaces/default/configmaps/settings',
  deployments: 'namespaces/default/deployments/web',
  wares: 'namespaces/default/wares/ball',
} as const;

const WARES = '/apis/shop.example.com/v1/namespaces/default/wares';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const SERVED_MS_MAX = 20_000;

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';

/** How one write is sent. */
type Sent = readonly [
  user: ToldWrite['user'],
  operation: string,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: Manifest | readonly Manifest[],
  contentType?: string,
];

/** Has it happen. When this resolves, our server knows of it. */
export async function tellLevels(at: ProvenanceCluster): Promise<Told> {
  await defineWares(at);
  const settings = `${CONFIGMAPS}/settings`;
  const configmaps = await tell(at, settings, [
    ['alice', 'create', 'POST', CONFIGMAPS, { metadata: { name: 'settings' }, data: { a: '1' } }],
    ['bob', 'patch', 'PATCH', settings, { data: { a: '2' } }, MERGE],
    ['alice', 'update', 'PUT', settings, { metadata: { name: 'settings' }, data: { a: '3' } }],
    ['bob', 'delete', 'DELETE', settings],
  ]);
  const web = `${DEPLOYMENTS}/web`;
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } }, template };
  const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:2' }] } } } };
  const scale = { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 4 } };
  const deployments = await tell(at, web, [
    ['alice', 'create', 'POST', DEPLOYMENTS, { metadata: { name: 'web' }, spec }],
    ['bob', 'patch', 'PATCH', web, image, STRATEGIC],
    ['alice', 'scale', 'PUT', `${web}/scale`, scale],
    ['bob', 'scale', 'PATCH', `${web}/scale`, { spec: { replicas: 2 } }, MERGE],
    ['bob', 'delete', 'DELETE', web],
  ]);
  const ball = `${WARES}/ball`;
  const ware = {
    apiVersion: 'shop.example.com/v1',
    kind: 'Ware',
    metadata: { name: 'ball' },
    spec: { price: 1 },
  };
  const wares = await tell(at, ball, [
    ['alice', 'create', 'POST', WARES, ware],
    ['bob', 'patch', 'PATCH', ball, { spec: { price: 2, colour: 'red' } }, MERGE],
    ['alice', 'patch', 'PATCH', ball, [{ op: 'replace', path: '/spec/price', value: 3 }], JSON_PATCH],
    ['bob', 'delete', 'DELETE', ball],
  ]);
  await at.caughtUp();
  return { configmaps, deployments, wares };
}

async function tell(
  { cluster }: ProvenanceCluster,
  path: string,
  writes: readonly Sent[],
): Promise<readonly ToldWrite[]> {
  const alice = await cluster.user('alice', 'system:masters');
  const bob = await cluster.user('bob', 'system:masters');
  const told: ToldWrite[] = [];
  for (const [user, operation, method, to, body, contentType] of writes) {
    const { client } = user === 'alice' ? alice : bob;
    const sentMs = Date.now();
    await client.expect({
      method,
      path: to,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    const write = { user, operation, sentMs, answeredMs: Date.now() };
    if (method === 'DELETE') told.push(write);
    else told.push({ ...write, stored: await cluster.unaudited.client.expect({ method: 'GET', path }) });
  }
  return told;
}

async function defineWares({ cluster }: ProvenanceCluster): Promise<void> {
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    },
  };
  await cluster.apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'wares.shop.example.com' },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'wares', singular: 'ware', kind: 'Ware' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await waitUntil('the custom resource is served', SERVED_MS_MAX, async () => {
    const { status } = await cluster.unaudited.client.send({ method: 'GET', path: WARES });
    return status === 200;
  });
}
