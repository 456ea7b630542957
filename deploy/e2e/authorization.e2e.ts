/**
 * Who gets what from whom: a matrix of identities and routes, lists that show only what their reader may see, refusals that
 * tell nothing, and credentials that are not what they say, on a real cluster.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonValue,
} from '../../src/model/json.ts';
import { ROUTES } from '../../src/http/routes/index.ts';
import {
  API_TABLE,
  IDENTITIES,
  OTHER_TABLE,
  parseTable,
  wrongCells,
  type IdentityName,
  type Row,
} from './authorization-table.ts';
import { describeCredentials } from './authorization-credentials.ts';
import { describeDisguises } from './authorization-disguises.ts';
import { grantAll } from './authorization-grants.ts';
import { makeObjects, MAKER } from './authorization-objects.ts';
import type { ApiClient, ApiResponse } from './cluster/api-client.ts';
import type { Identity } from './cluster/identities.ts';
import { askDirect } from './testing/direct-request.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

/** Somebody who asks through kube-apiserver and, with the same credentials, directly. */
interface Asker {
  readonly through: (path: string) => Promise<ApiResponse>;
  readonly directly: (path: string) => Promise<ApiResponse>;
}

describe('Who may ask what', () => {
  let at: ProvenanceCluster | undefined;
  const askers = new Map<IdentityName, Asker>();
  const identities = new Map<string, Identity>();

  before(async () => {
    at = await ProvenanceCluster.start();
    await openIdentities(at);
    await makeObjects(at.cluster);
    await at.caughtUp();
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  async function openIdentities(on: ProvenanceCluster): Promise<void> {
    const { cluster } = on;
    const names = ['nobody', 'shopper', 'asker', 'reader', 'keeper', 'named', 'viewer', 'monitor', 'deputy'];
    for (const name of names) identities.set(name, await cluster.user(name));
    identities.set('bot', await cluster.serviceAccount('shop', 'bot'));
    identities.set('master', cluster.admin);
    await grantAll(cluster);
    for (const name of IDENTITIES) askers.set(name, await askerOf(on, name));
  }

  async function askerOf(on: ProvenanceCluster, name: IdentityName): Promise<Asker> {
    const send = (client: ApiClient) => async (path: string) => client.send({ method: 'GET', path });
    if (name === 'anonymous') {
      const { port } = new URL(on.cluster.plane.server);
      return { through: anonymously(Number(port)), directly: anonymously(on.port) };
    }
    const identity = identities.get(name);
    assert.ok(identity, name);
    return { through: send(identity.client), directly: send(await on.direct(identity)) };
  }

  function asker(name: IdentityName): Asker {
    const found = askers.get(name);
    assert.ok(found);
    return found;
  }

  it('is said for every route there is', async () => {
    const patterns = ROUTES.flatMap(({ paths }) => paths);
    assert.deepEqual(patternsOf(parseTable(API_TABLE)), patterns.toSorted());
    const { body } = await asker('master').directly('/');
    const listed = isObject(body) ? member(body, 'paths') : undefined;
    assert.ok(isArray(listed));
    const own = new Set<JsonValue>(patterns.map((pattern) => `${API_PATH}${pattern}`));
    const others = listed.filter((path) => !own.has(path)).map(String);
    assert.deepEqual([...patternsOf(parseTable(OTHER_TABLE))], ['/', ...others].toSorted());
  });

  for (const way of ['through', 'directly'] as const) {
    it(`holds for every route and everybody, ${way === 'through' ? 'through kube-apiserver' : way}`, async () => {
      const api = parseTable(API_TABLE, API_PATH);
      const rows = way === 'through' ? api : [...api, ...parseTable(OTHER_TABLE)];
      const differences = await Promise.all(
        IDENTITIES.map((name) => wrongCells(name, rows, ({ codes }) => codes[name], asker(name)[way])),
      );
      assert.deepEqual(differences.flat(), []);
    });
  }

  it('follows the user that somebody acts as, and who may do so', async () => {
    const { cluster } = running();
    const raw = (path: string, as: string, who: string) =>
      cluster.kubectl(['get', '--raw', `${API_PATH}${path}`, `--as=${as}`], {
        as: identities.get(who) ?? cluster.admin,
      });
    const web = '/namespaces/shop/deployments/web/versions';
    const allowed = await raw(web, 'shopper', 'deputy');
    assert.equal(allowed.exitCode, 0, allowed.stderr);
    assert.match(
      (await raw('/namespaces/bank/deployments/ledger/versions', 'shopper', 'deputy')).stderr,
      /Forbidden/,
    );
    assert.match(
      (await raw(web, 'asker', 'master')).stderr,
      /Forbidden.*"asker" cannot get resource "deployments"/,
    );
    assert.match((await raw(web, 'viewer', 'deputy')).stderr, /cannot impersonate resource "users"/);
    assert.match((await raw(web, 'shopper', 'nobody')).stderr, /cannot impersonate resource "users"/);
  });

  const SHOP = ['shop/configmaps/settings', 'shop/deployments/cart', 'shop/deployments/web'];
  const BANK = ['bank/configmaps/rates', 'bank/deployments/ledger'];
  const CLUSTER = ['/clusterroles/auditors', '/namespaces/bank', '/namespaces/shop'];
  const SECRETS = ['bank/secrets/vault', 'shop/secrets/password'];
  const EVERYTHING = [...SHOP, ...BANK, ...CLUSTER, ...SECRETS].toSorted();
  const VISIBLE: readonly (readonly [IdentityName, where: string, objects: readonly string[]])[] = [
    ['shopper', '/namespaces/shop', SHOP],
    ['bot', '/namespaces/shop', SHOP],
    ['asker', '/namespaces/shop', []],
    ['asker', '/namespaces/bank', []],
    ['asker', '', []],
    ['keeper', '/namespaces/shop', [...SHOP, 'shop/secrets/password']],
    ['named', '/namespaces/shop', ['shop/deployments/web']],
    ['viewer', '/namespaces/bank', BANK],
    ['viewer', '', EVERYTHING.filter((object) => !SECRETS.includes(object))],
    ['master', '/namespaces/bank', [...BANK, 'bank/secrets/vault']],
    ['master', '', EVERYTHING],
  ];

  for (const [name, where, expected] of VISIBLE) {
    it(`shows ${name} only what they may get${where === '' ? '' : `, in ${where}`}`, async () => {
      for (const way of ['through', 'directly'] as const) {
        const list = async (path: string): Promise<JsonValue> => {
          const { status, body } = await asker(name)[way](`${API_PATH}${where}/${path}`);
          assert.equal(status, 200, path);
          return body;
        };
        assert.deepEqual(objectsOf(await list(`objecthistories?user=${MAKER}`)), expected.toSorted());
        const activities = await list(`activities?user=${MAKER}`);
        assert.deepEqual(objectsOf(activities), expected.toSorted());
        const workloads = expected.filter((object) => object.includes('/deployments/'));
        assert.deepEqual(objectsOf(await list('rollouts')), workloads.toSorted());
        for (const groupBy of ['user', 'verb', 'resource', 'namespace', 'day']) {
          const counts = await list(`activities?user=${MAKER}&groupBy=${groupBy}`);
          assert.equal(isObject(counts) ? member(counts, 'total') : undefined, itemsOf(activities).length);
          const sum = itemsOf(counts).reduce<number>((all, item) => all + countOf(item), 0);
          assert.equal(sum, itemsOf(activities).length);
        }
        const secrets = itemsOf(await list(`activities?user=${MAKER}&groupBy=resource`)).filter((item) =>
          JSON.stringify(item).includes('secrets'),
        );
        assert.equal(secrets.length, expected.some((object) => object.includes('/secrets/')) ? 1 : 0);
      }
    });
  }

  it('tells nobody whether an object exists that they may not read', async () => {
    const hidden: readonly (readonly [IdentityName, there: string, absent: string])[] = [
      ['nobody', '/namespaces/shop/deployments/web', '/namespaces/shop/deployments/gon'],
      ['asker', '/namespaces/shop/deployments/web', '/namespaces/shop/deployments/gon'],
      ['asker', '/namespaces/shop', '/namespaces/gone'],
      ['asker', '/clusterroles/auditors', '/clusterroles/gone4you'],
      ['reader', '/namespaces/shop/deployments/web', '/namespaces/shop/deployments/gon'],
      ['named', '/namespaces/shop/deployments/cart', '/namespaces/shop/deployments/gon'],
      ['shopper', '/namespaces/bank/deployments/ledger', '/namespaces/bank/deployments/absent'],
      ['shopper', '/namespaces/shop/secrets/password', '/namespaces/shop/secrets/absently'],
      ['viewer', '/namespaces/shop/secrets/password', '/namespaces/shop/secrets/absently'],
      ['anonymous', '/namespaces/shop/deployments/web', '/namespaces/shop/deployments/gon'],
    ];
    const questions = [
      'versions',
      'spechistory',
      'diff',
      'manifest',
      'bisect?field=metadata.labels.team&value=x',
    ];
    const queries = [
      '',
      'group=apps',
      'group=core',
      'output=yaml',
      'output=text',
      'version=1',
      'start=77',
      'nonsense=1',
    ];
    for (const [name, there, absent] of hidden) {
      for (const way of ['through', 'directly'] as const) {
        for (const question of questions) {
          for (const query of queries) {
            const suffix = `/${question}${question.includes('?') ? '&' : '?'}${query}`;
            const [one, other] = await Promise.all(
              [there, absent].map((path) => asker(name)[way](`${API_PATH}${path}${suffix}`)),
            );
            assert.ok(one && other);
            assert.ok(one.status >= 400, `${name} ${way} ${there}${suffix}`);
            assert.deepEqual(told(one, there), told(other, absent), `${name} ${way} ${there}${suffix}`);
          }
        }
      }
    }
  });

  it('tells nobody by lists or by names of histories, either', async () => {
    const pairs: readonly (readonly [IdentityName, there: string, absent: string])[] = [
      [
        'asker',
        '/namespaces/shop/objecthistories/deployments.apps:web',
        '/namespaces/shop/objecthistories/deployments.apps:gon',
      ],
      ['asker', '/objecthistories/namespaces:shop', '/objecthistories/namespaces:gone'],
      [
        'named',
        '/namespaces/shop/objecthistories/deployments.apps:cart',
        '/namespaces/shop/objecthistories/deployments.apps:gon',
      ],
      [
        'shopper',
        '/namespaces/shop/objecthistories/secrets:password',
        '/namespaces/shop/objecthistories/secrets:absently',
      ],
      [
        'viewer',
        `/objecthistories?resource=secrets&user=${MAKER}`,
        '/objecthistories?resource=secrets&user=other',
      ],
      ['named', `/namespaces/shop/activities?name=cart`, `/namespaces/shop/activities?name=gone`],
      [
        'named',
        `/namespaces/shop/activities?groupBy=verb&name=cart`,
        `/namespaces/shop/activities?groupBy=verb&name=gone`,
      ],
    ];
    for (const [name, there, absent] of pairs) {
      const [one, other] = await Promise.all(
        [there, absent].map((path) => asker(name).directly(`${API_PATH}${path}`)),
      );
      assert.ok(one && other);
      assert.deepEqual(told(one, there), told(other, absent), `${name} ${there}`);
    }
  });

  describeDisguises(running, (name) => identities.get(name) ?? assert.fail(name));
  describeCredentials(running, (name) => identities.get(name) ?? assert.fail(name));
});

function anonymously(port: number): (path: string) => Promise<ApiResponse> {
  return async (path) => {
    const { status, headers, body } = await askDirect({
      port,
      path,
      headers: [['Accept', 'application/json']],
    });
    return { status, headers, body };
  };
}

function patternsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.map(({ pattern }) => pattern))].toSorted();
}

function itemsOf(list: JsonValue): readonly JsonValue[] {
  const items = isObject(list) ? member(list, 'items') : undefined;
  assert.ok(isArray(items));
  return items;
}

function countOf(item: JsonValue): number {
  const count = isObject(item) ? member(item, 'count') : undefined;
  assert.ok(typeof count === 'number');
  return count;
}

/** The objects that the items of a list are about, once each, as `NAMESPACE/RESOURCE/NAME`. */
function objectsOf(list: JsonValue): readonly string[] {
  const objects = itemsOf(list).map((item) => {
    const object = isObject(item) ? (objectMember(item, 'object') ?? {}) : {};
    return ['namespace', 'resource', 'name'].map((key) => stringMember(object, key) ?? '').join('/');
  });
  return [...new Set(objects)].toSorted();
}

/** All that an answer tells, but for its time, its IDs and the name that was asked for: the last of its path. */
function told({ status, headers, body }: ApiResponse, path: string): unknown {
  const { date: _date, 'audit-id': _auditID, 'content-length': _length, ...rest } = headers;
  const name = path.split(/[/:=]/).at(-1) ?? '';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, rest, text: text.replaceAll(name, 'NAME') };
}
