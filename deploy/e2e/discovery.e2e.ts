/**
 * What kube-apiserver and every client of it learn of our API group: discovery in all its forms and OpenAPI, through the
 * aggregation layer and from our own port.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonValue } from '../../src/model/json.ts';
import type { ApiClient, ApiResponse } from './cluster/api-client.ts';
import { POSTGRES_DEFINITION } from './cluster/manifests.ts';
import { waitUntil } from './cluster/processes.ts';
import { itemsOf, itemWith, membersOf, pick } from './testing/pick.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const GROUP = 'kubeprovenance.cloudark.io';
const OWN = ['activities', 'objecthistories', 'rollouts', 'sources'];
const QUESTIONS = ['bisect', 'diff', 'manifest', 'spechistory', 'versions'];
/** As kube-aggregator 1.34 asks (pkg/apiserver/handler_discovery.go). */
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const OPENAPI_V3_PROTOBUF = 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf';
/** kube-aggregator reads every group's OpenAPI and discovery once a minute; a change of the APIService makes it do so at once. */
const REFRESHED_MS_MAX = 90_000;

describe('Discovery and OpenAPI of our API group', () => {
  let at: ProvenanceCluster;
  let direct: ApiClient;

  before(async () => {
    at = await ProvenanceCluster.start();
    direct = await at.direct();
  });
  after(async () => at?.stop());

  const through = (path: string, accept = 'application/json'): Promise<ApiResponse> =>
    at.cluster.admin.client.send({ method: 'GET', path, headers: { accept } });
  const ourselves = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<ApiResponse> =>
    direct.send({ method: 'GET', path, headers });

  /** Our group in the aggregated document of kube-apiserver; undefined while it is not there. */
  const ourGroup = async (): Promise<JsonValue | undefined> => {
    const { body } = await through('/apis', AGGREGATED);
    assert.equal(pick(body, 'kind'), 'APIGroupDiscoveryList');
    return itemsOf(body).find((group) => pick(group, 'metadata', 'name') === GROUP);
  };

  it('is in the aggregated document of kube-apiserver, and current', async () => {
    await waitUntil('our group is current', REFRESHED_MS_MAX, async () => {
      return pick(await ourGroup(), 'versions', 0, 'freshness') === 'Current';
    });
    const group = await ourGroup();
    assert.equal(itemsOf(group ?? null, 'versions').length, 1);
    const resources = itemsOf(group ?? null, 'versions', 0, 'resources');
    for (const name of OWN) {
      const resource = itemWith(resources, 'resource', name);
      assert.equal(pick(resource, 'responseKind', 'group'), GROUP, name);
      assert.equal(pick(resource, 'scope'), name === 'sources' ? 'Cluster' : 'Namespaced', name);
    }
    // What others serve is here for its questions alone: it has no verbs of its own, so that no client maps it.
    const deployments = itemWith(resources, 'resource', 'deployments');
    assert.deepEqual(pick(deployments, 'verbs') ?? null, null);
    assert.deepEqual(membersOf(itemsOf(deployments ?? null, 'subresources'), 'subresource'), QUESTIONS);
  });

  it('is in the documents of old', async () => {
    const { body: groups } = await through('/apis');
    const group = itemWith(itemsOf(groups, 'groups'), 'name', GROUP);
    assert.equal(pick(group, 'preferredVersion', 'groupVersion'), `${GROUP}/v1`);
    assert.deepEqual(
      pick((await through(`/apis/${GROUP}`)).body, 'preferredVersion'),
      pick(group, 'preferredVersion'),
    );
    const { body: list } = await through(API_PATH);
    assert.equal(pick(list, 'kind'), 'APIResourceList');
    const names = membersOf(itemsOf(list, 'resources'), 'name');
    for (const name of [...OWN, ...QUESTIONS.map((question) => `deployments/${question}`)]) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(!names.includes('deployments'), 'deployments are those of apps');
  });

  it('answers the conversions that kube-aggregator asks for', async () => {
    const { status, headers, body } = await ourselves('/apis', { accept: AGGREGATED });
    assert.equal(status, 200);
    assert.equal(
      headers['content-type'],
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    assert.equal(pick(body, 'apiVersion'), 'apidiscovery.k8s.io/v2');
    const [, older = ''] = AGGREGATED.split(',');
    assert.equal(
      pick((await ourselves('/apis', { accept: older })).body, 'apiVersion'),
      'apidiscovery.k8s.io/v2beta1',
    );
    assert.equal(pick((await ourselves('/apis')).body, 'kind'), 'APIGroupList');
  });

  it('says 304 to who has the document, also through kube-apiserver', async () => {
    const paths = [
      '/apis',
      `/apis/${GROUP}`,
      API_PATH,
      '/openapi/v2',
      '/openapi/v3',
      `/openapi/v3${API_PATH}`,
    ];
    for (const path of paths) {
      const { status, headers } = await ourselves(path);
      assert.equal(status, 200, path);
      const etag = headers['etag'];
      assert.ok(typeof etag === 'string', path);
      const again = await ourselves(path, { 'if-none-match': etag });
      assert.deepEqual([again.status, again.body, again.headers['etag']], [304, '', etag], path);
      assert.equal((await ourselves(path, { 'if-none-match': '"another"' })).status, 200, path);
    }
    const { headers } = await ourselves(API_PATH);
    const etag = String(headers['etag']);
    const { client } = at.cluster.admin;
    const proxied = await client.send({ method: 'GET', path: API_PATH, headers: { 'if-none-match': etag } });
    assert.equal(proxied.status, 304);
  });

  it('refuses who takes protobuf only', async () => {
    const refused: readonly (readonly [path: string, accept: string])[] = [
      ['/apis', PROTOBUF],
      ['/apis', AGGREGATED.replaceAll('application/json', PROTOBUF)],
      [`/apis/${GROUP}`, PROTOBUF],
      [API_PATH, PROTOBUF],
      [`${API_PATH}/objecthistories`, PROTOBUF],
      ['/openapi/v2', OPENAPI_V2_PROTOBUF],
      ['/openapi/v3', OPENAPI_V3_PROTOBUF],
      [`/openapi/v3${API_PATH}`, OPENAPI_V3_PROTOBUF],
    ];
    for (const [path, accept] of refused) {
      const { status, body } = await ourselves(path, { accept });
      assert.deepEqual([status, pick(body, 'reason')], [406, 'NotAcceptable'], `${path} ${accept}`);
      // As client-go asks: JSON will do as well.
      const either = await ourselves(path, { accept: `${accept},application/json` });
      assert.equal(either.status, 200, `${path} ${accept} or JSON`);
    }
    assert.equal((await through(API_PATH, PROTOBUF)).status, 406, 'through kube-apiserver');
  });

  it('has its schemas in the OpenAPI of kube-apiserver', async () => {
    const path = API_PATH.slice(1);
    await waitUntil('OpenAPI v3 has our group', REFRESHED_MS_MAX, async () => {
      return pick((await through('/openapi/v3')).body, 'paths', path) !== undefined;
    });
    const url = pick((await through('/openapi/v3')).body, 'paths', path, 'serverRelativeURL');
    assert.ok(typeof url === 'string');
    const { status, body } = await through(url);
    assert.equal(status, 200);
    assert.ok(pick(body, 'paths', `${API_PATH}/namespaces/{namespace}/objecthistories`) !== undefined);
    const kinds = JSON.stringify([{ group: GROUP, kind: 'ObjectHistory', version: 'v1' }]);
    const isHistory = (schema: JsonValue): boolean =>
      JSON.stringify(pick(schema, 'x-kubernetes-group-version-kind')) === kinds;
    assert.ok(Object.values(schemasOf(body, 'components', 'schemas')).some(isHistory), 'OpenAPI v3');

    await waitUntil('OpenAPI v2 has our group', REFRESHED_MS_MAX, async () => {
      return Object.values(schemasOf((await through('/openapi/v2')).body, 'definitions')).some(isHistory);
    });
    assert.deepEqual(await at.complaintsOfUs('kube-apiserver'), []);
  });

  it('grows by what the cluster comes to serve, and its ETag changes', async () => {
    const earlier = await ourselves('/apis', { accept: AGGREGATED });
    await at.cluster.apply(POSTGRES_DEFINITION);
    const postgreses = '/apis/postgrescontroller.kubeplus/v1/namespaces/default/postgreses';
    await waitUntil('the definition is served', 20_000, async () => {
      const { status } = await at.cluster.admin.client.send({ method: 'GET', path: postgreses });
      return status === 200;
    });
    await at.cluster.admin.client.apply(`${postgreses}/orders`, {
      apiVersion: 'postgrescontroller.kubeplus/v1',
      kind: 'Postgres',
      metadata: { name: 'orders', namespace: 'default' },
      spec: { image: 'postgres:16', databases: ['orders'], users: [{ username: 'app', password: 'x' }] },
    });
    await at.caughtUp();
    const since = await ourselves('/apis', {
      accept: AGGREGATED,
      'if-none-match': String(earlier.headers['etag']),
    });
    assert.equal(since.status, 200);
    const resources = itemsOf(since.body, 'items', 0, 'versions', 0, 'resources');
    const listed = itemWith(resources, 'resource', 'postgreses');
    assert.deepEqual(membersOf(itemsOf(listed ?? null, 'subresources'), 'subresource'), QUESTIONS);
    const versions = await at.answer('namespaces/default/postgreses/orders/versions');
    assert.deepEqual(membersOf(itemsOf(versions), 'operation'), ['apply']);
  });
});

function schemasOf(document: JsonValue, ...way: readonly string[]): Readonly<Record<string, JsonValue>> {
  const schemas = pick(document, ...way);
  assert.ok(typeof schemas === 'object' && schemas !== null && !Array.isArray(schemas), way.join('.'));
  return Object.fromEntries(Object.entries(schemas));
}
