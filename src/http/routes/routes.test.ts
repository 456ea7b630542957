/** Which object and which query each path means. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isArray,
  isObject,
  member,
  objectMember,
  parseJson,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import { fixtureReader, SOURCE } from '../testing/fixture.ts';
import { serve, type TestServer } from '../testing/serve.ts';

const API = '/apis/kubeprovenance.cloudark.io/v1';
const OBJECT = `${API}/namespaces/payments/deployments/api`;

/** The answer to a path, which must be a good one. */
async function get({ ask }: TestServer, path: string): Promise<JsonObject> {
  const answer = await ask(path);
  assert.equal(answer.code, 200, answer.body);
  const value = parseJson(answer.body);
  assert.ok(isObject(value));
  return value;
}

function items(answer: JsonObject): readonly JsonValue[] {
  const list = member(answer, 'items');
  assert.ok(isArray(list));
  return list;
}

/** One member of every item. */
function each(answer: JsonObject, key: string): unknown[] {
  return items(answer).map((item) => (isObject(item) ? item[key] : undefined));
}

test('namespaced and cluster-scoped objects, with and without their group', async (t) => {
  const server = await serve(t, fixtureReader());
  const api = { group: 'apps', resource: 'deployments', namespace: 'payments', name: 'api' };
  for (const path of [
    `${OBJECT}/versions`,
    `${OBJECT}/versions?group=apps`,
    `${API}/namespaces/payments/deployments.apps/api/versions`,
    // One store serves both groups.
    `${API}/namespaces/payments/deployments.extensions/api/versions`,
  ]) {
    const answer = await get(server, path);
    assert.equal(answer['kind'], 'VersionList');
    assert.equal(answer['apiVersion'], 'kubeprovenance.cloudark.io/v1');
    assert.deepEqual(answer['object'], api);
    assert.deepEqual(each(answer, 'version'), ['v1', 'v2', 'v3', 'v4', 'v5', 'v6']);
  }
  const viewer = await get(server, `${API}/clusterroles/viewer/versions`);
  assert.deepEqual(viewer['object'], {
    group: 'rbac.authorization.k8s.io',
    resource: 'clusterroles',
    namespace: '',
    name: 'viewer',
  });
});

test('the core group is called core, or nothing', async (t) => {
  const server = await serve(t, fixtureReader());
  for (const path of [
    'configmaps/config/versions?group=core',
    'configmaps/config/versions?group=',
    'configmaps./config/versions',
  ]) {
    const answer = await get(server, `${API}/namespaces/payments/${path}`);
    assert.deepEqual(answer['object'], {
      group: '',
      resource: 'configmaps',
      namespace: 'payments',
      name: 'config',
    });
  }
});

test('a plural of several groups needs one of them', async (t) => {
  const server = await serve(t, fixtureReader());
  const databases = `${API}/namespaces/payments/databases`;
  const mysql = await get(server, `${databases}.mysql.example.com/main/versions`);
  const postgres = await get(server, `${databases}/main/versions?group=postgres.example.com`);
  assert.equal(objectMember(mysql, 'object')?.['group'], 'mysql.example.com');
  assert.equal(objectMember(postgres, 'object')?.['group'], 'postgres.example.com');
});

test('namespaces/NS/QUESTION is about the Namespace itself', async (t) => {
  const server = await serve(t, fixtureReader());
  const namespace = { group: '', resource: 'namespaces', namespace: '', name: 'payments' };
  for (const question of ['versions', 'spechistory', 'diff', 'bisect?field=team&value=payments']) {
    assert.deepEqual(
      (await get(server, `${API}/namespaces/payments/${question}`))['object'],
      namespace,
      question,
    );
  }
  const manifest = await get(server, `${API}/namespaces/payments/manifest`);
  assert.deepEqual(manifest['metadata'], { name: 'payments', labels: { team: 'payments' } });
});

test('versions by number, word and time', async (t) => {
  const server = await serve(t, fixtureReader());
  const ends = async (query: string): Promise<unknown[]> => {
    const answer = await get(server, `${OBJECT}/diff?${query}`);
    return [objectMember(answer, 'start')?.['version'], objectMember(answer, 'end')?.['version']];
  };
  assert.deepEqual(await ends(''), ['v5', 'v6']);
  assert.deepEqual(await ends('start=first&end=latest'), ['v1', 'v6']);
  assert.deepEqual(await ends('start=1&end=v4'), ['v1', 'v4']);
  assert.deepEqual(await ends('end=2026-11-22T09:00:00Z'), ['v1', 'v2']);
  // The clock stands at noon.
  assert.deepEqual(await ends('start=-3h&end=now-2h'), ['v2', 'v4']);
});

test('diff of one field, and spechistory of some versions', async (t) => {
  const server = await serve(t, fixtureReader());
  const diff = await get(server, `${OBJECT}/diff?start=v1&end=v2&field=image`);
  assert.deepEqual(diff['changes'], [
    {
      path: 'spec.template.spec.containers[name=api].image',
      operation: 'replace',
      from: 'api:1.0',
      to: 'api:1.1',
    },
  ]);
  const history = await get(server, `${OBJECT}/spechistory?start=v2&end=v3`);
  assert.deepEqual(each(history, 'version'), ['v2', 'v3']);
});

test('bisect by one pair and by several', async (t) => {
  const server = await serve(t, fixtureReader());
  assert.equal((await get(server, `${OBJECT}/bisect?field=image&value=api:1.1`))['version'], 'v2');
  const several = await get(server, `${OBJECT}/bisect?field1=image&value1=api:1.1&field2=replicas&value2=3`);
  assert.equal(several['version'], 'v3');
  assert.deepEqual(several['query'], [
    { field: 'image', value: 'api:1.1' },
    { field: 'replicas', value: '3' },
  ]);
  assert.equal((await get(server, `${OBJECT}/bisect?field=image&value=api:9`))['version'], null);
});

test('a manifest is the object itself, and a doubtful one comes with a warning', async (t) => {
  const server = await serve(t, fixtureReader([{ ...SOURCE, bytesBehind: 0 }]));
  const manifest = await get(server, `${OBJECT}/manifest?version=v1`);
  assert.deepEqual(manifest['metadata'], { name: 'api', namespace: 'payments', labels: { app: 'api' } });
  assert.equal(objectMember(manifest, 'spec')?.['replicas'], 2);
  const at = await get(server, `${OBJECT}/manifest?at=2026-11-22T09:45:00Z`);
  assert.equal(objectMember(at, 'spec')?.['replicas'], 3);
  const partial = await server.ask(`${API}/namespaces/payments/configmaps/config/manifest`);
  assert.match(String(partial.headers['warning']), /^299 - "v2 is put together .*"$/);
  const exact = await server.ask(`${OBJECT}/manifest`);
  assert.equal(exact.headers['warning'], undefined);
});

test('activities, page by page, filtered, and counted', async (t) => {
  const server = await serve(t, fixtureReader());
  const all = await get(server, `${API}/activities`);
  assert.deepEqual(each(all, 'verb'), ['patch', 'patch', 'create', 'patch', 'delete', 'create']);
  const paged: unknown[] = [];
  for (let next = ''; ;) {
    const page = await get(server, `${API}/activities?limit=4&continue=${next}`);
    paged.push(...items(page));
    const token = objectMember(page, 'metadata')?.['continue'];
    if (typeof token !== 'string') break;
    next = token;
  }
  assert.deepEqual(paged, items(all));
  const filtered = async (query: string): Promise<number> =>
    items(await get(server, `${API}/${query}`)).length;
  assert.equal(await filtered('namespaces/payments/activities'), 5);
  assert.equal(await filtered('activities?user=mallory'), 2);
  assert.equal(await filtered('activities?verb=create&resource=pods/exec'), 1);
  assert.equal(await filtered('activities?name=api&resource=deployments.apps'), 4);
  assert.equal(await filtered('activities?since=-1h'), 2);
  assert.equal(await filtered('activities?until=2026-11-22T09:00:00Z'), 2);
  const counts = await get(server, `${API}/activities?groupBy=verb&user=mallory`);
  assert.deepEqual(counts['items'], [
    { name: 'delete', count: 1 },
    { name: 'patch', count: 1 },
  ]);
});

test('rollouts, of a namespace and of a time', async (t) => {
  const server = await serve(t, fixtureReader());
  assert.equal((await get(server, `${API}/rollouts`))['total'], 4);
  assert.equal((await get(server, `${API}/namespaces/payments/rollouts`))['total'], 4);
  assert.equal((await get(server, `${API}/namespaces/other/rollouts`))['total'], 0);
  assert.equal((await get(server, `${API}/rollouts?since=-2h`))['total'], 2);
});

test('sources say where they stand', async (t) => {
  const server = await serve(t, fixtureReader());
  assert.deepEqual(await get(server, `${API}/sources`), {
    kind: 'SourceList',
    apiVersion: 'kubeprovenance.cloudark.io/v1',
    metadata: {},
    items: [
      {
        name: '/var/log/kubernetes/audit.log',
        position: { file: 'audit.log', offset: 4096 },
        bytesBehind: 12,
        bytesRead: 4096,
        events: 40,
        versions: 16,
        dropped: { read: 20, stage: 4, malformed: 1 },
      },
    ],
  });
});
