/**
 * A story of two people in a cluster: alice makes the Deployment `testobj`, bob changes it. Both are developers, with the
 * rights of such in one namespace; carol has none.
 */
import type { JsonValue } from '../../../src/model/json.ts';
import type { Identity } from '../cluster/identities.ts';
import { permit } from '../cluster/manifests.ts';
import { printedJson } from './kubectl.ts';
import type { ProvenanceCluster } from './provenance-cluster.ts';

/** Our API group. */
export const GROUP = 'kubeprovenance.cloudark.io';
/** The name of the history of `testobj`. */
export const HISTORY = 'deployments.apps:testobj';

const QUESTIONS = ['versions', 'spechistory', 'diff', 'bisect', 'manifest'];

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'testobj' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'testobj' } },
    template: {
      metadata: { labels: { app: 'testobj', abc: 'xyz' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.26' }] },
    },
  },
};

const CHANGE = { spec: { replicas: 3, template: { metadata: { labels: { abc: 'def' } } } } };

/** The people, and what the cluster answered them. */
export interface TestobjStory {
  readonly alice: Identity;
  readonly bob: Identity;
  readonly carol: Identity;
  /** The Deployment as alice made it. */
  readonly created: JsonValue;
  /** The Deployment as bob changed it: replicas from 1 to 3, the label abc of its pods from xyz to def. */
  readonly changed: JsonValue;
}

/** Has it happen. When this resolves, our server knows of it. */
export async function tellTestobj(at: ProvenanceCluster): Promise<TestobjStory> {
  const { cluster } = at;
  const [alice, bob, carol] = await Promise.all([
    cluster.user('alice', 'devs'),
    cluster.user('bob', 'devs'),
    cluster.user('carol'),
  ]);
  const rules = [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] },
    {
      apiGroups: [GROUP],
      resources: QUESTIONS.map((question) => `deployments/${question}`),
      verbs: ['get'],
    },
    {
      apiGroups: [GROUP],
      resources: ['objecthistories', 'activities', 'rollouts'],
      verbs: ['get', 'list'],
    },
  ];
  await cluster.apply(...permit({ name: 'devs', to: { group: 'devs' }, rules, namespace: 'default' }));
  const input = JSON.stringify(DEPLOYMENT);
  const created = await printedJson(cluster, ['create', '-f', '-', '-o', 'json'], { as: alice, input });
  const patch = ['patch', 'deployment', 'testobj', '-p', JSON.stringify(CHANGE), '-o', 'json'];
  const changed = await printedJson(cluster, patch, { as: bob });
  await at.caughtUp();
  return { alice, bob, carol, created, changed };
}
