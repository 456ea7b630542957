/** What each identity of the matrix may do, given by RBAC. */
import { isObject, member, objectMember } from '../../src/model/json.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { Identity } from './cluster/identities.ts';
import { namespace, permit, type Manifest } from './cluster/manifests.ts';
import { waitUntil } from './cluster/processes.ts';

const GROUP = 'kubeprovenance.cloudark.io';
const SETTLED_MS_MAX = 10_000;

/** A rule of RBAC. */
interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** What a user may do, everywhere or in a namespace. */
interface Grant {
  readonly user: string;
  readonly namespace?: string;
  readonly rules: readonly Rule[];
}

/** Every question, and every list. */
const QUESTIONS: Rule = { apiGroups: [GROUP], resources: ['*'], verbs: ['get', 'list'] };
const WARES: Rule = {
  apiGroups: ['', 'apps'],
  resources: ['namespaces', 'configmaps', 'deployments'],
  verbs: ['get', 'list'],
};
const GET_SECRETS: Rule = { apiGroups: [''], resources: ['secrets'], verbs: ['get'] };
/** The service account among them. */
export const BOT = 'system:serviceaccount:shop:bot';

/** What each identity may do; who is not here may do nothing, but for the master. */
const GRANTS: readonly Grant[] = [
  { user: 'shopper', namespace: 'shop', rules: [QUESTIONS, WARES] },
  { user: BOT, namespace: 'shop', rules: [QUESTIONS, WARES] },
  { user: 'asker', rules: [QUESTIONS] },
  {
    user: 'reader',
    rules: [{ apiGroups: ['', 'apps'], resources: ['*'], verbs: ['get', 'list'] }],
  },
  { user: 'keeper', namespace: 'shop', rules: [QUESTIONS, WARES, GET_SECRETS] },
  {
    user: 'named',
    namespace: 'shop',
    rules: [
      QUESTIONS,
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get'] },
    ],
  },
  {
    user: 'viewer',
    rules: [
      QUESTIONS,
      WARES,
      { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['get'] },
    ],
  },
  {
    user: 'monitor',
    rules: [{ nonResourceURLs: ['/metrics', '/'], verbs: ['get'] }],
  },
  {
    user: 'deputy',
    rules: [{ apiGroups: [''], resources: ['users'], resourceNames: ['shopper'], verbs: ['impersonate'] }],
  },
];

/** Gives everybody their rights, in the namespaces `shop` and `bank`. When it resolves, kube-apiserver knows them. */
export async function grantAll(cluster: Cluster): Promise<void> {
  await cluster.apply(...['shop', 'bank'].map((name) => namespace(name)), ...GRANTS.flatMap(manifestsOf));
  for (const grant of GRANTS) await effective(cluster.unaudited, grant);
}

function manifestsOf({ user, rules, namespace: where }: Grant): readonly Manifest[] {
  const name = user.replaceAll(':', '-');
  const manifests = rules.map((rule): Manifest => ({ ...rule }));
  return permit({
    name,
    to: { user },
    rules: manifests,
    ...(where === undefined ? {} : { namespace: where }),
  });
}

/** Waits until kube-apiserver knows what somebody was permitted. */
async function effective({ client }: Identity, { user, namespace: where = '', rules }: Grant): Promise<void> {
  for (const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs } of rules) {
    const [verb = ''] = verbs;
    const [path] = nonResourceURLs;
    const [group = ''] = apiGroups;
    const [resource = ''] = resources;
    const [name = ''] = resourceNames;
    const attributes =
      path === undefined
        ? { resourceAttributes: { namespace: where, verb, group, resource, name } }
        : { nonResourceAttributes: { verb, path } };
    await waitUntil(`${user} may ${verb} ${path ?? resource}`, SETTLED_MS_MAX, async () => {
      const spec = { user, ...attributes };
      const review = await client.expect({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
      });
      const status = isObject(review) ? objectMember(review, 'status') : undefined;
      return status !== undefined && member(status, 'allowed') === true;
    });
  }
}
