/** Who may ask what: each route asks for both rights before it looks anything up, and lists show what their reader may get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isArray, isObject, member, objectMember, parseJson, stringMember } from '../../model/json.ts';
import { assertStatus } from '../testing/assert-status.ts';
import { testAccess, USER_HEADER, type Right } from '../testing/access.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve, type Answer } from '../testing/serve.ts';

const API = '/apis/kubeprovenance.cloudark.io/v1';
const G = 'kubeprovenance.cloudark.io';
const OBJECT = `${API}/namespaces/payments/deployments/api`;

/** Rights on our own group only, as a reader role grants them. */
const OURS: readonly Right[] = [
  ...['versions', 'spechistory', 'diff', 'bisect', 'manifest'].map(
    (sub) => `get ${G}/deployments/${sub} * *`,
  ),
  `get ${G}/databases/versions * *`,
  `get ${G}/widgets/versions * *`,
  `get ${G}/secrets/versions * *`,
  `get ${G}/namespaces/versions * *`,
  `list ${G}/activities * *`,
  `list ${G}/rollouts * *`,
  `list ${G}/objecthistories * *`,
  `get ${G}/objecthistories * *`,
];

const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  nobody: [],
  ours: OURS,
  theirs: ['get apps/deployments payments *'],
  reader: [...OURS, 'get apps/deployments payments *', 'get /namespaces payments payments'],
  elsewhere: [...OURS, 'get apps/deployments other *'],
  byName: [...OURS, 'get apps/deployments payments api'],
  mysql: [...OURS, 'get mysql.example.com/databases payments *'],
};

type Ask = (user: string | undefined, path: string) => Promise<Answer>;

async function serveRights(t: Parameters<typeof serve>[0], asked: string[] = []): Promise<Ask> {
  const { ask } = await serve(t, fixtureReader(), { access: testAccess(RIGHTS, asked) });
  return (user, path) => ask(path, user === undefined ? {} : { headers: { [USER_HEADER]: user } });
}

test('an object takes the right on our subresource and on the object itself', async (t) => {
  const ask = await serveRights(t);
  for (const question of ['versions', 'spechistory', 'diff', 'bisect?field=image&value=x', 'manifest']) {
    const path = `${OBJECT}/${question}`;
    for (const user of [undefined, 'nobody', 'ours', 'theirs', 'elsewhere']) {
      assertStatus(await ask(user, path), 403);
    }
    for (const user of ['root', 'reader', 'byName']) {
      assert.equal((await ask(user, path)).code, 200, `${user} ${path}`);
    }
    assertStatus(await ask('broken', path), 401);
  }
});

test('a refusal is the same whether or not the object is there', async (t) => {
  const ask = await serveRights(t);
  for (const user of ['nobody', 'ours', 'elsewhere']) {
    const there = await ask(user, `${OBJECT}/versions`);
    const missing = await ask(user, `${API}/namespaces/payments/deployments/none/versions`);
    assert.equal(missing.code, 403);
    assert.equal(
      missing.body,
      there.body.replaceAll('\\"api\\"', '\\"none\\"').replaceAll('"api"', '"none"'),
    );
  }
  const message = stringMember(assertStatus(await ask('ours', `${OBJECT}/versions`), 403), 'message');
  assert.equal(
    message,
    'deployments "api" is forbidden: User "ours" cannot get resource "deployments" in the namespace "payments"',
  );
  assertStatus(await ask('reader', `${API}/namespaces/payments/deployments/none/versions`), 404);
});

test('a refusal does not tell which resource types have been recorded', async (t) => {
  const ask = await serveRights(t);
  const recorded = await ask('ours', `${API}/namespaces/payments/widgets/x/versions`);
  const unknown = await ask('ours', `${API}/namespaces/payments/secrets/x/versions`);
  assert.equal(recorded.code, 403);
  assert.equal(unknown.body, recorded.body.replaceAll('widgets', 'secrets'));
});

test('of a plural with several groups, those count that the asker may read', async (t) => {
  const ask = await serveRights(t);
  const path = `${API}/namespaces/payments/databases/main/versions`;
  assertStatus(await ask('root', path), 400);
  assertStatus(await ask('ours', path), 403);
  const answer = parseJson((await ask('mysql', path)).body);
  assert.ok(isObject(answer));
  const object = objectMember(answer, 'object');
  assert.equal(object === undefined ? '' : member(object, 'group'), 'mysql.example.com');
  assertStatus(await ask('mysql', `${path}?group=postgres.example.com`), 403);
});

test('a Namespace is asked about in itself', async (t) => {
  const asked: string[] = [];
  const ask = await serveRights(t, asked);
  assert.equal((await ask('reader', `${API}/namespaces/payments/versions`)).code, 200);
  assert.deepEqual(asked, [
    `reader: get ${G}/namespaces/versions payments payments`,
    'reader: get /namespaces payments payments',
  ]);
});

test('nothing else is asked once the first right is missing', async (t) => {
  const asked: string[] = [];
  const ask = await serveRights(t, asked);
  assertStatus(await ask('nobody', `${OBJECT}/versions`), 403);
  assert.deepEqual(asked, [`nobody: get ${G}/deployments/versions payments api`]);
});

test('activities, counts and rollouts show what their reader may get', async (t) => {
  const ask = await serveRights(t);
  const objects = async (user: string, path: string): Promise<string[]> => {
    const answer = parseJson((await ask(user, path)).body);
    assert.ok(isObject(answer));
    const items = member(answer, 'items');
    assert.ok(isArray(items));
    return items.map((item) => {
      const object = isObject(item) ? objectMember(item, 'object') : undefined;
      return object === undefined
        ? ''
        : `${stringMember(object, 'resource')}/${stringMember(object, 'name')}`;
    });
  };
  const all = await objects('root', `${API}/activities`);
  assert.equal(all.length, 6);
  assert.deepEqual(
    await objects('reader', `${API}/activities`),
    all.filter((object) => object === 'deployments/api'),
  );
  assert.deepEqual(
    await objects('byName', `${API}/activities`),
    await objects('reader', `${API}/activities`),
  );
  assert.deepEqual(await objects('ours', `${API}/activities`), []);
  assert.deepEqual(await objects('elsewhere', `${API}/rollouts`), []);
  assert.deepEqual(await objects('reader', `${API}/rollouts`), ['deployments/api']);
  const total = async (user: string): Promise<unknown> => {
    const answer = parseJson((await ask(user, `${API}/activities?groupBy=verb`)).body);
    return isObject(answer) ? member(answer, 'total') : undefined;
  };
  assert.deepEqual([await total('root'), await total('reader'), await total('ours')], [6, 4, 0]);
  assertStatus(await ask('nobody', `${API}/activities`), 403);
});

test('paths that are no resource are asked about by their path', async (t) => {
  const asked: string[] = [];
  const ask = await serveRights(t, asked);
  for (const path of ['/', '/metrics', '/livez', '/readyz', '/healthz']) {
    assertStatus(await ask('nobody', path), 403);
  }
  assert.deepEqual(asked, [
    'nobody: get /',
    'nobody: get /metrics',
    'nobody: get /livez',
    'nobody: get /readyz',
    'nobody: get /healthz',
  ]);
  assertStatus(await ask('broken', '/livez'), 401);
});

test('a plural that nobody knows is looked for in the cluster before rights are asked about', async (t) => {
  const asked: string[] = [];
  let isServed = false;
  const { ask } = await serve(t, fixtureReader(), {
    access: testAccess({ eve: OURS }, asked),
    clusterResources: {
      resourcesNamed: (plural) =>
        isServed && plural === 'secrets' ? [{ group: 'new.example.com', resource: plural }] : [],
      all: () => [],
      refresh: () => {
        isServed = true;
        return Promise.resolve();
      },
    },
  });
  const headers = { [USER_HEADER]: 'eve' };
  assertStatus(await ask(`${API}/namespaces/payments/secrets/x/versions`, { headers }), 403);
  assert.deepEqual(asked, [
    `eve: get ${G}/secrets/versions payments x`,
    'eve: get new.example.com/secrets payments x',
  ]);
});
