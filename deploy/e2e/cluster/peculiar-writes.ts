/**
 * Writes that load made of ordinary requests does not have: deletions held by finalizers, names made by the server,
 * collections deleted at once, subresources, requests that change nothing or are refused, and what kubectl does by itself.
 */
import type { ApiRequest } from './api-client.ts';
import type { Cluster } from './cluster.ts';
import { type Manifest, namespace } from './manifests.ts';
import { waitUntil } from './processes.ts';

const NAMESPACE = 'peculiar';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const RUNNING_TIMEOUT_MS = 30_000;

/** Makes them all, as the admin of a cluster that has nodes, a scheduler and controllers. */
export async function makePeculiarWrites(cluster: Cluster): Promise<void> {
  const { client } = cluster.admin;
  await client.expect({ method: 'POST', path: '/api/v1/namespaces', body: namespace(NAMESPACE) });
  for (const [request, code] of requests()) {
    const { status, body } = await client.send(request);
    if (status === code) continue;
    throw new Error(
      `${request.method} ${request.path}: ${status} instead of ${code}: ${JSON.stringify(body)}`,
    );
  }
  await makePodWrites(cluster);
  for (const { args, input } of commands()) {
    const { exitCode, stderr } = await cluster.kubectl(
      [`--namespace=${NAMESPACE}`, ...args],
      input === undefined ? {} : { input: JSON.stringify(input) },
    );
    if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  }
}

/** Requests and the codes they are answered with. */
function requests(): (readonly [ApiRequest, code: number])[] {
  const post = (body: Manifest, query = ''): ApiRequest => ({
    method: 'POST',
    path: `${CONFIG_MAPS}${query}`,
    body,
  });
  const merge = (name: string, body: Manifest, query = ''): ApiRequest => ({
    method: 'PATCH',
    path: `${CONFIG_MAPS}/${name}${query}`,
    contentType: MERGE,
    body,
  });
  const remove = (path: string, body?: Manifest): ApiRequest => ({ method: 'DELETE', path, body });
  const held = configMap({ name: 'held', finalizers: ['example.com/hold'] }, { a: '1' });
  return [
    // Held by a finalizer: changed while it waits, gone with the finalizer, and there again.
    [post(held), 201],
    [remove(`${CONFIG_MAPS}/held`), 200],
    [merge('held', { data: { a: '2' } }), 200],
    [merge('held', { metadata: { finalizers: null } }), 200],
    [post(configMap({ name: 'held' }, { a: '3' })), 201],
    // Names made by the server; all deleted at once.
    [post(configMap({ generateName: 'made-', labels: { set: 'made' } }, { a: '1' })), 201],
    [post(configMap({ generateName: 'made-', labels: { set: 'made' } }, { a: '2' })), 201],
    [remove(`${CONFIG_MAPS}?labelSelector=set%3Dmade`), 200],
    // Nothing is stored.
    [post(configMap({ name: 'dry' }, {}), '?dryRun=All'), 201],
    [post(configMap({ name: 'held' }, {})), 409],
    [post(configMap({ name: 'Not A Name' }, {})), 422],
    [merge('held', { metadata: { resourceVersion: '1' }, data: { a: '9' } }), 409],
    [merge('nobody', { data: {} }), 404],
    [merge('held', { data: { a: '3' } }), 200],
    [merge('held', { data: { a: '4' } }, '?dryRun=All'), 200],
    // Keys and values that JavaScript or JSON are apt to lose.
    [post(configMap({ name: 'odd-keys' }, ODD_DATA)), 201],
    [merge('odd-keys', { data: { constructor: null, toString: 'x' } }), 200],
    [remove(`${CONFIG_MAPS}/odd-keys`, { preconditions: { uid: 'of another' } }), 409],
    [remove(`${CONFIG_MAPS}/odd-keys`, { propagationPolicy: 'Foreground' }), 200],
  ];
}

/** `__proto__` has to be a key of its own, which an object literal makes of it only in brackets. */
const ODD_DATA: Manifest = {
  ['__proto__']: 'a key',
  constructor: 'another',
  text: 'line\nline\u2028 \u00e9\u{1f680} <&> \u0000',
  empty: '',
};

function configMap(metadata: Manifest, data: Manifest): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

/** A pod through its subresources: bound by the scheduler, run by kwok, debugged, evicted. */
async function makePodWrites({ admin: { client } }: Cluster): Promise<void> {
  // A pod needs the account that a controller makes for each namespace.
  await waitUntil('the default service account is there', RUNNING_TIMEOUT_MS, async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`;
    return (await client.send({ method: 'GET', path })).status === 200;
  });
  const container = { name: 'app', image: 'registry.example/app:1.0' };
  await client.expect({
    method: 'POST',
    path: PODS,
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'lone' }, spec: { containers: [container] } },
  });
  await waitUntil('the pod runs', RUNNING_TIMEOUT_MS, async () => {
    const pod = await client.expect({ method: 'GET', path: `${PODS}/lone` });
    return JSON.stringify(pod).includes('"phase":"Running"');
  });
  const debug = { name: 'debug', image: 'registry.example/debug:1.0', targetContainerName: 'app' };
  await client.expect({
    method: 'PATCH',
    path: `${PODS}/lone/ephemeralcontainers`,
    contentType: STRATEGIC,
    body: { spec: { ephemeralContainers: [debug] } },
  });
  await client.expect({
    method: 'PATCH',
    path: `${PODS}/lone/status`,
    contentType: MERGE,
    body: { status: { message: 'no content' } },
  });
  await client.expect({
    method: 'POST',
    path: `${PODS}/lone/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'lone', namespace: NAMESPACE } },
  });
  await waitUntil('the pod is gone', RUNNING_TIMEOUT_MS, async () => {
    const { status } = await client.send({ method: 'GET', path: `${PODS}/lone` });
    return status === 404;
  });
}

function commands(): { readonly args: readonly string[]; readonly input?: Manifest }[] {
  const applied = (image: string): Manifest => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image }] },
      },
    },
  });
  return [
    { args: ['apply', '-f', '-'], input: applied('registry.example/web:1') },
    { args: ['rollout', 'status', 'deployment/web'] },
    { args: ['apply', '-f', '-'], input: applied('registry.example/web:2') },
    {
      args: ['apply', '--server-side', '--force-conflicts', '-f', '-'],
      input: applied('registry.example/web:3'),
    },
    { args: ['scale', 'deployment/web', '--replicas=3'] },
    { args: ['rollout', 'status', 'deployment/web'] },
    { args: ['set', 'env', 'deployment/web', 'A=1'] },
    { args: ['rollout', 'restart', 'deployment/web'] },
    { args: ['rollout', 'status', 'deployment/web'] },
    { args: ['rollout', 'undo', 'deployment/web'] },
    { args: ['label', 'deployment/web', 'tier=front'] },
    { args: ['annotate', 'deployment/web', 'note=a'] },
    { args: ['autoscale', 'deployment/web', '--min=2', '--max=5'] },
    { args: ['expose', 'deployment/web', '--port=80'] },
    { args: ['replace', '--force', '-f', '-'], input: applied('registry.example/web:4') },
    { args: ['create', 'job', 'once', '--image=registry.example/once:1'] },
    { args: ['create', 'quota', 'all', '--hard=pods=100'] },
    { args: ['cordon', 'node-1'] },
    { args: ['drain', 'node-1', '--ignore-daemonsets', '--force', '--delete-emptydir-data'] },
    { args: ['uncordon', 'node-1'] },
    { args: ['create', 'clusterrole', 'sum', '--aggregation-rule=part=yes'] },
    { args: ['create', 'clusterrole', 'part', '--verb=get', '--resource=pods'] },
    { args: ['label', 'clusterrole/part', 'part=yes'] },
    { args: ['delete', 'job/once'] },
    { args: ['delete', 'deployment/web', '--cascade=orphan'] },
    { args: ['delete', 'replicasets', '--all'] },
  ];
}
