/** `objecthistories` in every form, and what it shows to whom. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { parse } from 'yaml';
import {
  isArray,
  isObject,
  member,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
} from '../../model/json.ts';
import { compareKeys } from '../../model/object-key.ts';
import type { Reader } from '../../model/reader.ts';
import { testAccess, USER_HEADER } from '../testing/access.ts';
import { assertStatus, causeFields } from '../testing/assert-status.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve, type TestServer } from '../testing/serve.ts';

const API = '/apis/kubeprovenance.cloudark.io/v1';
const ALL = `${API}/objecthistories`;
const PAYMENTS = `${API}/namespaces/payments/objecthistories`;
const KUBECTL_GET =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

/** The fixture, in the order in which every store has it. */
function orderedReader(): Reader {
  const reader = fixtureReader();
  return {
    ...reader,
    histories: (selector) => [...reader.histories(selector)].sort((a, b) => compareKeys(a.key, b.key)),
  };
}

async function get(
  server: TestServer,
  path: string,
  headers: Record<string, string> = {},
): Promise<JsonObject> {
  const answer = await server.ask(path, { headers });
  assert.equal(answer.code, 200, answer.body);
  assert.equal(answer.headers['content-type'], 'application/json');
  const value = parseJson(answer.body);
  assert.ok(isObject(value));
  return value;
}

/** A list's members, as objects. */
function objects(list: JsonObject, key = 'items'): JsonObject[] {
  const value = member(list, key);
  assert.ok(isArray(value));
  return value.filter((one) => isObject(one));
}

function names(list: JsonObject): unknown[] {
  return objects(list).map((item) => objectMember(item, 'metadata')?.['name']);
}

const IN_PAYMENTS = [
  'configmaps:config',
  'deployments.apps:api',
  'widgets.example.com:hidden',
  'databases.mysql.example.com:main',
  'databases.postgres.example.com:main',
];

test('lists: of a namespace, of all, filtered', async (t) => {
  const server = await serve(t, orderedReader());
  const list = await get(server, PAYMENTS);
  assert.equal(list['kind'], 'ObjectHistoryList');
  assert.deepEqual(list['metadata'], {});
  assert.deepEqual(names(list), IN_PAYMENTS);
  assert.deepEqual(names(await get(server, `${API}/namespaces/nothing/objecthistories`)), []);
  const all = names(await get(server, ALL));
  assert.deepEqual(
    all.filter((name) => !IN_PAYMENTS.includes(String(name))),
    ['namespaces:payments', 'clusterroles.rbac.authorization.k8s.io:viewer'],
  );
  for (const [query, expected] of [
    ['resource=databases', ['databases.mysql.example.com:main', 'databases.postgres.example.com:main']],
    ['resource=databases.mysql.example.com', ['databases.mysql.example.com:main']],
    ['user=mallory', ['clusterroles.rbac.authorization.k8s.io:viewer']],
    ['fieldSelector=metadata.name%3Ddeployments.apps:api', ['deployments.apps:api']],
    ['fieldSelector=metadata.name%3D%3Dnamespaces:payments', ['namespaces:payments']],
    [
      'fieldSelector=metadata.name%3Dconfigmaps:con\\fig,metadata.namespace%3Dpayments',
      ['configmaps:config'],
    ],
    ['fieldSelector=metadata.namespace%3Dother', []],
    ['fieldSelector=metadata.name%3D', []],
    ['labelSelector=&fieldSelector=&continue=&watch=false&resourceVersion=0&timeoutSeconds=3', all],
  ] as const)
    assert.deepEqual(names(await get(server, `${ALL}?${query}`)), expected, query);
});

test('page by page, as kubectl does it', async (t) => {
  const server = await serve(t, orderedReader());
  const listed: unknown[] = [];
  let pages = 0;
  for (let next = ''; ; pages += 1) {
    const page = await get(server, `${ALL}?limit=2&continue=${next}`);
    assert.ok(objects(page).length <= 2);
    listed.push(...names(page));
    const token = objectMember(page, 'metadata')?.['continue'];
    if (typeof token !== 'string') break;
    next = token;
  }
  assert.equal(pages, 3);
  assert.deepEqual(listed, names(await get(server, ALL)));
  assert.deepEqual(names(await get(server, `${ALL}?limit=100000`)), listed, 'fewer than the limit may come');
});

test('one object by its name', async (t) => {
  const server = await serve(t, orderedReader());
  const api = await get(server, `${PAYMENTS}/deployments.apps:api`);
  assert.equal(api['kind'], 'ObjectHistory');
  assert.equal(api['versions'], 6);
  assert.deepEqual(api, objects(await get(server, PAYMENTS))[1], 'the same as in the list');
  const viewer = await get(server, `${ALL}/clusterroles.rbac.authorization.k8s.io:viewer`);
  assert.deepEqual(viewer['metadata'], {
    name: 'clusterroles.rbac.authorization.k8s.io:viewer',
    uid: 'uid-viewer-1',
    creationTimestamp: '2026-11-22T07:00:00Z',
  });
  assert.equal((await get(server, `${ALL}/namespaces:payments`))['versions'], 1);
  for (const path of [
    `${PAYMENTS}/deployments.apps:nothing`,
    `${PAYMENTS}/deployments:api`,
    `${PAYMENTS}/api`,
    `${PAYMENTS}/deployments.extensions:api`,
    // An object is found in its own namespace only, and a cluster-scoped one in none.
    `${PAYMENTS}/namespaces:payments`,
    `${PAYMENTS}/clusterroles.rbac.authorization.k8s.io:viewer`,
    `${ALL}/deployments.apps:api`,
    `${ALL}/:`,
  ]) {
    const details = objectMember(assertStatus(await server.ask(path), 404), 'details');
    assert.equal(details?.['kind'], 'objecthistories');
    assert.equal(details['name'], path.slice(path.lastIndexOf('/') + 1));
  }
});

test('as a table, as kubectl get asks for it', async (t) => {
  const server = await serve(t, orderedReader());
  const table = await get(server, `${PAYMENTS}?limit=2`, { accept: KUBECTL_GET });
  assert.equal(table['kind'], 'Table');
  assert.equal(table['apiVersion'], 'meta.k8s.io/v1');
  assert.equal(typeof objectMember(table, 'metadata')?.['continue'], 'string');
  assert.deepEqual(
    objects(table, 'columnDefinitions').map(({ name, format, priority }) => [name, format, priority]),
    [
      ['Name', 'name', 0],
      ['Versions', 'int64', 0],
      ['Last Change', 'date-time', 0],
      ['By', '', 0],
      ['Fidelity', '', 0],
      ['Operation', '', 1],
      ['Resource', '', 1],
      ['Group', '', 1],
      ['UID', '', 1],
    ],
  );
  assert.deepEqual(objects(table, 'rows')[1], {
    cells: [
      'deployments.apps:api',
      6,
      '2026-11-22T10:31:00.000000Z',
      'gitops',
      'exact',
      'create',
      'deployments',
      'apps',
      'uid-api-2',
    ],
    object: {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: {
        name: 'deployments.apps:api',
        namespace: 'payments',
        uid: 'uid-api-2',
        creationTimestamp: '2026-11-22T10:31:00Z',
      },
    },
  });
  const path = `${PAYMENTS}/deployments.apps:api`;
  const one = await get(server, `${path}?includeObject=Object`, { accept: KUBECTL_GET });
  assert.deepEqual(
    objects(one, 'rows').map(({ object }) => object),
    [await get(server, path)],
  );
  const bare = await get(server, `${path}?includeObject=None`, { accept: KUBECTL_GET });
  assert.deepEqual(
    objects(bare, 'rows').map(({ object }) => object),
    [null],
  );
  const yaml = await server.ask(path, {
    headers: { accept: 'application/yaml;as=Table;v=v1;g=meta.k8s.io' },
  });
  assert.equal(yaml.headers['content-type'], 'application/yaml');
  assert.deepEqual(parse(yaml.body), await get(server, path, { accept: KUBECTL_GET }));
});

test('as metadata alone', async (t) => {
  const server = await serve(t, orderedReader());
  const accept = (kind: string) => ({ accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` });
  const list = await get(server, PAYMENTS, accept('PartialObjectMetadataList'));
  assert.equal(list['kind'], 'PartialObjectMetadataList');
  assert.deepEqual(names(list), IN_PAYMENTS);
  const path = `${PAYMENTS}/configmaps:config`;
  assert.deepEqual(await get(server, path, accept('PartialObjectMetadata')), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: (await get(server, path))['metadata'],
  });
  for (const [wrong, kind] of [
    [path, 'PartialObjectMetadataList'],
    [PAYMENTS, 'PartialObjectMetadata'],
    [`${API}/rollouts`, 'PartialObjectMetadataList'],
    [`${API}/namespaces/payments/deployments/api/versions`, 'Table'],
  ] as const)
    assertStatus(await server.ask(wrong, { headers: accept(kind) }), 406);
});

test('text', async (t) => {
  const { ask } = await serve(t, orderedReader());
  assert.match(
    (await ask(`${PAYMENTS}?output=text`)).body,
    /^2026-11-22T11:00:00.000000Z {2}configmaps payments\/config /,
  );
  assert.match(
    (await ask(`${ALL}/namespaces:payments?output=text`)).body,
    /^namespaces payments\nVersions: 1\n/,
  );
});

test('what cannot be selected by is refused by name', async (t) => {
  const { ask } = await serve(t, orderedReader());
  for (const [query, field, message] of [
    ['labelSelector=app', 'labelSelector', /have no labels/],
    ['fieldSelector=metadata.name!%3Da', 'fieldSelector', /give metadata.name=… or metadata.namespace=…/],
    ['fieldSelector=spec.x%3Da', 'fieldSelector', /not supported/],
    ['fieldSelector=metadata.name', 'fieldSelector', /not supported/],
    ['fieldSelector=metadata.name%3Da%3Db', 'fieldSelector', /not supported/],
    ['fieldSelector=metadata.name%3Da,metadata.name%3Db', 'fieldSelector', /two values/],
    ['fieldSelector=metadata.namespace%3Dother', undefined, /different namespaces/],
    ['resourceVersion=7', 'resourceVersion', /no resource versions/],
    ['limit=-1', 'limit', /whole number/],
    ['includeObject=All', 'includeObject', /None, Metadata or Object/],
    ['name=x', 'name', /unknown parameter/],
  ] as const) {
    const status = assertStatus(await ask(`${PAYMENTS}?${query}`), 400);
    assert.deepEqual(causeFields(status), field === undefined ? [] : [field], query);
    assert.match(stringMember(status, 'message') ?? '', message);
  }
  const expired = assertStatus(await ask(`${PAYMENTS}?continue=abc`), 410);
  assert.deepEqual(causeFields(expired), ['continue']);
  for (const query of [
    'watch=true',
    'watch=1',
    'watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=9',
  ]) {
    const status = assertStatus(await ask(`${PAYMENTS}?${query}`), 405);
    assert.match(stringMember(status, 'message') ?? '', /^watch is not supported/);
  }
});

const OURS = [
  'list kubeprovenance.cloudark.io/objecthistories * *',
  'get kubeprovenance.cloudark.io/objecthistories * *',
];
const RIGHTS = {
  nobody: [],
  lister: OURS,
  reader: [...OURS, 'get apps/deployments payments *', 'get /configmaps payments config'],
  objects: ['get apps/deployments payments *'],
};

async function serveTo(
  t: TestContext,
  asked: string[] = [],
): Promise<(user: string, path: string) => ReturnType<TestServer['ask']>> {
  const server = await serve(t, orderedReader(), { access: testAccess(RIGHTS, asked) });
  return (user, path) => server.ask(path, { headers: { [USER_HEADER]: user, accept: KUBECTL_GET } });
}

test('a list shows only what its reader may get, and leaves no trace of the rest', async (t) => {
  const ask = await serveTo(t);
  const shown = async (user: string, path: string): Promise<unknown[]> => {
    const answer = await ask(user, path);
    assert.equal(answer.code, 200, answer.body);
    const table = parseJson(answer.body);
    assert.ok(isObject(table));
    assert.deepEqual(table['metadata'], {}, 'nothing more is said to be there');
    return objects(table, 'rows').map(({ cells }) => (isArray(cells) ? cells[0] : undefined));
  };
  assert.deepEqual(await shown('lister', ALL), []);
  assert.deepEqual(await shown('reader', ALL), ['configmaps:config', 'deployments.apps:api']);
  assert.deepEqual(await shown('reader', `${ALL}?limit=2`), ['configmaps:config', 'deployments.apps:api']);
  assert.deepEqual(await shown('reader', `${PAYMENTS}?resource=databases`), []);
  assert.equal((await shown('root', ALL)).length, IN_PAYMENTS.length + 2);
  assertStatus(await ask('nobody', PAYMENTS), 403);
  assertStatus(await ask('objects', ALL), 403);
});

test('one object needs the right to read both its history and itself, whether or not it is there', async (t) => {
  const ask = await serveTo(t);
  const code = async (user: string, path: string): Promise<number> => (await ask(user, path)).code;
  for (const name of ['deployments.apps:api', 'deployments.apps:nothing']) {
    assert.equal(await code('nobody', `${PAYMENTS}/${name}`), 403);
    assert.equal(await code('objects', `${PAYMENTS}/${name}`), 403);
    assert.equal(await code('lister', `${PAYMENTS}/${name}`), 403);
  }
  const refusals = await Promise.all(
    ['main', 'gone'].map(
      async (name) => (await ask('reader', `${PAYMENTS}/databases.mysql.example.com:${name}`)).body,
    ),
  );
  assert.equal(refusals[0], refusals[1]?.replaceAll('gone', 'main'), 'no word tells them apart');
  assert.equal(await code('reader', `${PAYMENTS}/deployments.apps:api`), 200);
  assert.equal(await code('reader', `${PAYMENTS}/deployments.apps:nothing`), 404);
  assert.equal(await code('reader', `${ALL}/deployments.apps:api`), 403);
  assert.equal(await code('reader', `${PAYMENTS}/namespaces:payments`), 404, 'no such name, for anybody');
});

test('the rights are asked for as kube-apiserver asks', async (t) => {
  const asked: string[] = [];
  const ask = await serveTo(t, asked);
  await ask('reader', `${PAYMENTS}/configmaps:config`);
  assert.deepEqual(asked, [
    'reader: get kubeprovenance.cloudark.io/objecthistories payments configmaps:config',
    'reader: get /configmaps payments config',
  ]);
});

test('the other lists as tables', async (t) => {
  const server = await serve(t, orderedReader());
  const rows = async (path: string): Promise<unknown[]> => {
    const table = await get(server, `${API}/${path}`, { accept: KUBECTL_GET });
    const width = objects(table, 'columnDefinitions').length;
    return objects(table, 'rows').map(({ cells, object }) => {
      assert.ok(isArray(cells) && cells.length === width);
      assert.ok(cells.every((cell) => typeof cell === 'string' || typeof cell === 'number'));
      return { cells, metadata: isObject(object) ? object['metadata'] : object };
    });
  };
  const payments = 'payments';
  assert.deepEqual(await rows('namespaces/payments/activities?limit=2'), [
    {
      cells: [
        '2026-11-22T11:40:00.000000Z',
        'alice',
        'patch',
        'deployments.apps payments/api',
        200,
        'dry run',
      ],
      metadata: { name: 'audit-5', namespace: payments },
    },
    {
      cells: ['2026-11-22T09:10:00.000000Z', 'alice', 'create exec', 'pods payments/api-0', 101, ''],
      metadata: { name: 'audit-3', namespace: payments },
    },
  ]);
  const viewer = 'clusterroles.rbac.authorization.k8s.io viewer';
  assert.deepEqual((await rows('activities?limit=2&verb=patch'))[1], {
    cells: ['2026-11-22T11:30:00.000000Z', 'mallory', 'patch', viewer, 200, 'v2'],
    metadata: { name: 'audit-viewer-2' },
  });
  assert.deepEqual(await rows('activities?groupBy=verb&user=mallory'), [
    { cells: ['delete', 1], metadata: { name: 'delete' } },
    { cells: ['patch', 1], metadata: { name: 'patch' } },
  ]);
  const rollouts = await rows('rollouts?limit=500');
  assert.equal(rollouts.length, 4);
  const [workload, change] = ['deployments.apps/api', 'api: api:1.0 -> api:1.1'];
  assert.deepEqual(rollouts[2], {
    cells: [workload, 'v2', '2026-11-22T09:00:00.000000Z', 'breakglass (as alice)', change],
    metadata: { name: 'deployments.apps:api:v2', namespace: payments },
  });
  const source = '/var/log/kubernetes/audit.log';
  assert.deepEqual(await rows('sources?limit=500'), [
    { cells: [source, 40, 16, 12], metadata: { name: source } },
  ]);
});

test('what a terminal would obey is shown as its code', async (t) => {
  const reader = orderedReader();
  const sources = () => [{ ...(reader.sources()[0] ?? assert.fail()), name: 'a\u001b[2J' }];
  const server = await serve(t, { ...reader, sources });
  const table = await get(server, `${API}/sources`, { accept: KUBECTL_GET });
  assert.deepEqual(objects(table, 'rows')[0]?.['cells'], [String.raw`a\u001b[2J`, 40, 16, 12]);
});
