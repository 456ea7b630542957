import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ROUTES } from '../routes/index.ts';
import { assertStatus } from '../testing/assert-status.ts';
import {
  DISCOVERY_PATHS,
  discoveryDocuments,
  mountDiscovery,
  type DiscoveryOptions,
} from './mount-discovery.ts';
import { SERVED_API, type ObjectResource } from './served-api.ts';
import { serveRouter } from './testing/serve-router.ts';

const GROUP = 'kubeprovenance.cloudark.io';
const ACCEPT_V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const ACCEPT_V2BETA1 = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
const AGGREGATOR = { accept: `${ACCEPT_V2},${ACCEPT_V2BETA1}` };

function optionsFor(objectResources: readonly ObjectResource[]): DiscoveryOptions {
  const served = { ...SERVED_API, objectQuestions: SERVED_API.objectQuestions.slice(0, 1) };
  return { served, version: '1.2.3', objectResources: () => objectResources };
}

const OPTIONS = optionsFor([
  { resource: 'namespaces', namespaced: false },
  { resource: 'deployments', namespaced: true },
]);

const VERSION_LIST = { group: GROUP, version: 'v1', kind: 'VersionList' };
const NO_KIND = { group: '', version: '', kind: '' };
const VERSIONS = [{ subresource: 'versions', responseKind: VERSION_LIST, verbs: ['get'] }];

function own(resource: string, kind: string, scope: string, singularResource: string): object {
  const responseKind = { group: GROUP, version: 'v1', kind };
  return { resource, responseKind, scope, singularResource, verbs: ['list'] };
}

function onlySubresources(resource: string, scope: string): unknown {
  return {
    resource,
    responseKind: NO_KIND,
    scope,
    singularResource: '',
    verbs: null,
    subresources: VERSIONS,
  };
}

describe('GET /apis', () => {
  it('answers kube-aggregator with the aggregated document', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    const answer = await ask('/apis', AGGREGATOR);
    assert.equal(answer.code, 200);
    assert.equal(answer.headers['content-type'], ACCEPT_V2);
    assert.equal(answer.headers['vary'], 'Accept');
    assert.match(String(answer.headers['etag']), /^"[0-9A-F]{128}"$/);
    assert.deepEqual(answer.json(), {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: [
        {
          metadata: { name: GROUP },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                own('activities', 'Activity', 'Namespaced', 'activity'),
                onlySubresources('deployments', 'Namespaced'),
                onlySubresources('namespaces', 'Cluster'),
                {
                  ...own('objecthistories', 'ObjectHistory', 'Namespaced', 'objecthistory'),
                  verbs: ['get', 'list'],
                },
                own('rollouts', 'Rollout', 'Namespaced', 'rollout'),
                own('sources', 'Source', 'Cluster', 'source'),
              ],
            },
          ],
        },
      ],
    });
  });

  it('answers in v2beta1 who asks for that, in the same shape', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    const [older, newer] = [await ask('/apis', { accept: ACCEPT_V2BETA1 }), await ask('/apis', AGGREGATOR)];
    assert.equal(older.headers['content-type'], ACCEPT_V2BETA1);
    assert.equal(older.body, newer.body.replace('apidiscovery.k8s.io/v2', 'apidiscovery.k8s.io/v2beta1'));
    assert.notEqual(older.headers['etag'], newer.headers['etag']);
  });

  it('answers everybody else with an APIGroupList', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    const version = { groupVersion: `${GROUP}/v1`, version: 'v1' };
    for (const accept of ['*/*', 'application/json', `application/json;as=Table;g=meta.k8s.io;v=v1, */*`]) {
      const answer = await ask('/apis', { accept });
      assert.equal(answer.headers['content-type'], 'application/json');
      assert.deepEqual(answer.json(), {
        kind: 'APIGroupList',
        apiVersion: 'v1',
        groups: [{ name: GROUP, versions: [version], preferredVersion: version }],
      });
    }
  });

  it('says 304 to who has the document, and 200 once it is another', async (t) => {
    let resources: readonly ObjectResource[] = [];
    const options = { ...OPTIONS, objectResources: () => resources };
    const ask = await serveRouter(t, (router) => mountDiscovery(router, options));
    const first = await ask('/apis', AGGREGATOR);
    const known = { ...AGGREGATOR, 'if-none-match': String(first.headers['etag']) };
    const second = await ask('/apis', known);
    assert.equal(second.code, 304);
    assert.equal(second.body, '');
    assert.equal(second.headers['etag'], first.headers['etag']);
    resources = [{ resource: 'pods', namespaced: true }];
    const third = await ask('/apis', known);
    assert.equal(third.code, 200);
    assert.notEqual(third.headers['etag'], first.headers['etag']);
    assert.match(third.body, /"pods"/);
  });
});

describe('Discovery', () => {
  it('lists the resources for clients without aggregated discovery', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    const listed = { kind: 'VersionList', singularName: '', verbs: ['get'] };
    const answer = await ask(`/apis/${GROUP}/v1`);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(answer.json(), {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: `${GROUP}/v1`,
      resources: [
        { name: 'activities', singularName: 'activity', namespaced: true, kind: 'Activity', verbs: ['list'] },
        { name: 'deployments/versions', namespaced: true, ...listed },
        { name: 'namespaces/versions', namespaced: false, ...listed },
        {
          name: 'objecthistories',
          singularName: 'objecthistory',
          namespaced: true,
          kind: 'ObjectHistory',
          verbs: ['get', 'list'],
        },
        { name: 'rollouts', singularName: 'rollout', namespaced: true, kind: 'Rollout', verbs: ['list'] },
        { name: 'sources', singularName: 'source', namespaced: false, kind: 'Source', verbs: ['list'] },
      ],
    });
  });

  it('describes the group and the program', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    const group = (await ask(`/apis/${GROUP}`)).json();
    const version = { groupVersion: `${GROUP}/v1`, version: 'v1' };
    const versions = { versions: [version], preferredVersion: version };
    assert.deepEqual(group, { kind: 'APIGroup', apiVersion: 'v1', name: GROUP, ...versions });
    const answer = await ask('/version');
    assert.match(answer.body, /"major":"1","minor":"2","gitVersion":"v1\.2\.3"/);
  });

  it('answers HEAD, any query, YAML, and people indented', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    for (const path of DISCOVERY_PATHS) {
      const plain = await ask(path);
      assert.equal(plain.code, 200);
      const head = await ask(path, {}, 'HEAD');
      assert.deepEqual([head.code, head.body], [200, '']);
      assert.equal(head.headers['content-length'], plain.headers['content-length']);
      assert.equal(head.headers['etag'], plain.headers['etag']);
      assert.equal((await ask(`${path}?timeout=32s&whatever=%zz`)).body, plain.body);
      const yaml = await ask(path, { accept: 'application/yaml' });
      assert.equal(yaml.headers['content-type'], 'application/yaml');
      const read = await ask(path, { 'user-agent': 'kubectl/v1.34.4' });
      assert.match(read.body, /^\{\n {2}"/);
      assert.deepEqual(read.json(), plain.json());
    }
  });

  it('gives the two forms of a document different ETags, and adds to what others vary by', async (t) => {
    const ask = await serveRouter(t, (router) => {
      router.use((ctx, next) => {
        ctx.vary('Accept-Encoding');
        return next();
      });
      mountDiscovery(router, OPTIONS);
    });
    for (const path of DISCOVERY_PATHS) {
      const [plain, read] = [await ask(path), await ask(`${path}?pretty=true`)];
      assert.equal(plain.headers['vary'], 'Accept-Encoding, Accept');
      const etags = [plain, read].map(({ headers }) => String(headers['etag']));
      assert.equal(new Set(etags).size, 2);
      const [etag = '', prettyEtag = ''] = etags;
      assert.equal((await ask(`${path}?pretty=true`, { 'if-none-match': etag })).code, 200);
      assert.equal((await ask(`${path}?pretty=true`, { 'if-none-match': prettyEtag })).code, 304);
      assert.equal((await ask(path, { 'if-none-match': prettyEtag })).code, 200);
      assert.equal((await ask(path, { 'if-none-match': etag })).code, 304);
    }
  });

  it('refuses who takes only what is not there', async (t) => {
    const ask = await serveRouter(t, (router) => mountDiscovery(router, OPTIONS));
    for (const path of DISCOVERY_PATHS) {
      const answer = await ask(path, { accept: 'application/vnd.kubernetes.protobuf' });
      assertStatus(answer, 406);
      assert.match(answer.body, /only the following media types are accepted: application\/json/);
    }
  });

  it('asks whether its reader may read the path', async (t) => {
    const asked: unknown[] = [];
    const ask = await serveRouter(
      t,
      (router) => mountDiscovery(router, OPTIONS),
      (_, attributes) => {
        asked.push(attributes);
        return Promise.resolve({ allowed: false, reason: '' });
      },
    );
    for (const path of DISCOVERY_PATHS) assertStatus(await ask(path), 403);
    assert.deepEqual(
      asked,
      DISCOVERY_PATHS.map((path) => ({ verb: 'get', path })),
    );
  });

  it('makes its documents anew only when the set of resources is another', () => {
    let resources: readonly ObjectResource[] = [{ resource: 'pods', namespaced: true }];
    const documents = discoveryDocuments({ ...OPTIONS, objectResources: () => resources });
    const first = documents();
    resources = [...resources, { resource: 'pods', namespaced: true }];
    assert.equal(documents(), first);
    resources = [{ resource: 'pods', namespaced: false }];
    assert.notEqual(documents(), first);
  });
});

describe('SERVED_API', () => {
  it('names what the routes serve, and nothing else', () => {
    const words = ROUTES.flatMap(({ paths }) => paths).map((path) => {
      const parts = path.split('/').filter((part) => part !== ':name');
      return parts.at(-1) ?? '';
    });
    const { objectQuestions, resources } = SERVED_API;
    const served = [...objectQuestions.map(({ name }) => name), ...resources.map(({ plural }) => plural)];
    assert.deepEqual([...new Set(words)].sort(), served.toSorted());
  });
});
