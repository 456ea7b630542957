/**
 * Secret values are planted wherever a cluster's audit log can hold them: in Secrets, however they are written, in the
 * arguments of a command, in tokens. The log does hold them; nothing that our server says, logs or keeps does.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROUTES } from '../../src/http/routes/index.ts';
import type { Route } from '../../src/http/routes/route.ts';
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../src/model/json.ts';
import type { Identity } from './cluster/identities.ts';
import type { Manifest } from './cluster/manifests.ts';
import { askDirect } from './testing/direct-request.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const VAULT = '/api/v1/namespaces/default/secrets';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** A value that escapes differently in JSON, in URLs and in YAML, around a core that does not. */
class Planted {
  /** What is looked for. */
  readonly core = randomBytes(16).toString('hex');
  readonly text: string;

  constructor(around = true) {
    this.text = around ? `p"l\\a<n>&t:é ${this.core}\n` : this.core;
  }

  get base64(): string {
    return Buffer.from(this.text).toString('base64');
  }

  /** The core as it is (in JSON and in URLs too), in hex, and in base64 wherever it may begin among other bytes. */
  forms(): readonly string[] {
    return formsOf(this.core);
  }
}

function formsOf(core: string): readonly string[] {
  const bytes = Buffer.from(core);
  const base64 = [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(2)]).toString('base64');
    // Without the characters that depend on the bytes around it.
    const inner = text.slice(before === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...new Set([core, bytes.toString('hex'), ...base64])];
}

/** Which of the values a text holds, in any form. */
function leaks(text: string, values: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...values].filter(([, forms]) => forms.some((form) => text.includes(form))).map(([name]) => name);
}

describe('A secret value', () => {
  let at: ProvenanceCluster | undefined;
  /** Names of places → what to look for. */
  const planted = new Map<string, readonly string[]>();
  let dataDir = '';

  before(async () => {
    at = await ProvenanceCluster.start({
      serve: (cluster) => {
        dataDir = join(cluster.folder, 'data');
        return Promise.resolve(['--data-dir', dataDir, '--log-level', 'debug']);
      },
    });
    await plantAll(at);
    await at.caughtUp();
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  function plant(where: string, around = true): Planted {
    const value = new Planted(around);
    planted.set(where, value.forms());
    return value;
  }

  async function plantAll({ cluster }: ProvenanceCluster): Promise<void> {
    const { client } = cluster.admin;
    const send = async (
      method: 'POST' | 'PUT' | 'PATCH',
      path: string,
      body: unknown,
      contentType?: string,
    ): Promise<JsonValue> =>
      client.expect({ method, path, body, ...(contentType === undefined ? {} : { contentType }) });
    const secret = (name: string, more: Manifest): Manifest => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      ...more,
    });

    await send(
      'POST',
      VAULT,
      secret('created', { data: { a: plant('data').base64 }, stringData: { b: plant('stringData').text } }),
    );
    await send('PUT', `${VAULT}/created`, secret('created', { data: { a: plant('update').base64 } }));
    const patches: readonly (readonly [string, unknown])[] = [
      [
        'json-patch',
        [
          { op: 'add', path: '/data/c', value: plant('JSON patch').base64 },
          { op: 'add', path: '/stringData', value: { d: plant('JSON patch of stringData').text } },
        ],
      ],
      [
        'merge-patch',
        {
          data: { e: plant('merge patch').base64 },
          stringData: { f: plant('merge patch of stringData').text },
        },
      ],
      [
        'strategic-merge-patch',
        {
          data: { g: plant('strategic patch').base64 },
          stringData: { h: plant('strategic patch of stringData').text },
        },
      ],
    ];
    for (const [kind, body] of patches)
      await send('PATCH', `${VAULT}/created`, body, `application/${kind}+json`);
    await client.apply(
      `${VAULT}/applied`,
      secret('applied', { stringData: { a: plant('server-side apply').text } }),
    );

    const kubectl = async (args: readonly string[], input = ''): Promise<string> => {
      const { exitCode, stdout, stderr } = await cluster.kubectl(args, { input });
      assert.equal(exitCode, 0, stderr);
      return stdout;
    };
    const first = secret('kept', { stringData: { a: plant('last-applied').text } });
    await kubectl(['apply', '-f', '-'], JSON.stringify(first));
    const second = secret('kept', { data: { a: plant('last-applied again').base64 } });
    await kubectl(['apply', '-f', '-'], JSON.stringify(second));
    await kubectl([
      'create',
      'secret',
      'generic',
      'made',
      `--from-literal=a=${plant('kubectl create').text}`,
    ]);
    await kubectl(['delete', 'secret', 'made']);

    await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
    await send('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: 'box' },
      spec: {
        serviceAccountName: 'robot',
        automountServiceAccountToken: false,
        containers: [{ name: 'main', image: 'x' }],
      },
    });
    // No node runs the pod: that the request fails is known, and it is in the log all the same.
    const { exitCode } = await cluster.kubectl([
      'exec',
      'box',
      '--',
      'login',
      plant('exec').text,
      plant('exec', false).text,
    ]);
    assert.notEqual(exitCode, 0);
    await client.send({
      method: 'POST',
      path: `/api/v1/namespaces/default/pods/box/exec?command=sh&command=${encodeURIComponent(plant('exec by URL').text)}`,
    });
    await client.send({
      method: 'POST',
      path: `/api/v1/namespaces/default/pods/box/proxy/login?token=${plant('proxy', false).text}`,
    });

    const made = await send('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
    const token = stringMember((isObject(made) && objectMember(made, 'status')) || {}, 'token') ?? '';
    const [, , signature = ''] = token.split('.');
    assert.ok(signature.length > 100);
    planted.set('TokenRequest', [signature, ...formsOf(signature.slice(4, 44))]);
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: plant('TokenReview', false).text },
    };
    await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
    const bearer = await cluster.bearer('stranger', plant('bearer token', false).text);
    assert.equal((await bearer.client.send({ method: 'GET', path: VAULT })).status, 401);

    const versions = ['one', 'two'].map((label) => ({ metadata: { name: 'equal', labels: { label } } }));
    const [same, changed] = [plant('equal values'), plant('another value')];
    await send('POST', VAULT, secret('equal', { ...versions[0], data: { a: same.base64, b: same.base64 } }));
    await send(
      'PUT',
      `${VAULT}/equal`,
      secret('equal', { ...versions[1], stringData: { a: same.text, b: same.text } }),
    );
    await send('PATCH', `${VAULT}/equal`, { data: { b: changed.base64 } }, 'application/merge-patch+json');
  }

  it('is in the audit log, or this would prove nothing', async () => {
    const log = await readFile(running().cluster.auditLogPath, 'utf8');
    const missing = [...planted.keys()].filter((name) => !leaks(log, planted).includes(name));
    // A bearer token is in no log of kube-apiserver's: it must not come from anywhere else.
    assert.deepEqual(missing, ['bearer token']);
  });

  it('occurs in no answer', async () => {
    const { cluster } = running();
    const paths = await everyPath(cluster.admin);
    assert.ok(paths.length > 100, String(paths.length));
    const found: string[] = [];
    let answered = 0;
    for (const path of paths) {
      for (const accept of path.includes('output=') ? ['*/*'] : ['application/json', TABLE, PARTIAL]) {
        const { status, headers, body } = await cluster.admin.client.send({
          method: 'GET',
          path,
          headers: { accept },
        });
        if (status === 200) answered += 1;
        const text = JSON.stringify([headers, body]) + String(body);
        const leaked = leaks(text, planted);
        if (leaked.length > 0) found.push(`${path}: ${leaked.join()}`);
      }
    }
    assert.deepEqual(found, []);
    assert.ok(answered > paths.length / 2, `${answered} of ${paths.length}`);
  });

  it('occurs neither in metrics, nor in our log, nor in the data directory', async () => {
    const { server, port, cluster } = running();
    const { credentials } = cluster.admin;
    assert.ok('pair' in credentials);
    for (const path of ['/metrics', '/openapi/v2', '/openapi/v3', '/', '/readyz?verbose']) {
      const { status, body } = await askDirect({ port, path, pair: credentials.pair });
      assert.equal(status, 200, path);
      assert.deepEqual(leaks(body, planted), [], path);
    }
    assert.match(server.log, /"level":(?:20|"debug").*"request"/, 'it is the log of debug');
    assert.deepEqual(leaks(server.log, planted), []);
    const files = (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    assert.ok(files.length > 0);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      assert.deepEqual(leaks(`${path} ${await readFile(path, 'latin1')}`, planted), [], path);
    }
  });

  it('stays equal where it is equal, and changes where it changes', async () => {
    const changed = await changesOf(running(), 'equal');
    assert.deepEqual(changed, [null, ['metadata.labels.label'], ['data.b']]);
    const data = await dataOf(running(), 'equal', '1');
    assert.match(String(data['a']), /^redacted:hmac-sha256:/);
    assert.equal(data['a'], data['b']);
    const later = await dataOf(running(), 'equal', '3');
    assert.equal(later['a'], data['a']);
    assert.notEqual(later['b'], data['b']);
    assert.deepEqual(await changesOf(running(), 'created'), [
      null,
      ['data.a', 'data.b'],
      ['data.c', 'data.d'],
      ['data.e', 'data.f'],
      ['data.g', 'data.h'],
    ]);
  });

  it('cannot be searched for', async () => {
    const { client } = running().cluster.admin;
    const path = `${API_PATH}/namespaces/default/secrets/equal/bisect`;
    for (const query of [
      'field=data.a&value=x',
      'field=metadata.labels.label&value=one',
      'field=a&value=redacted%3Ahmac',
    ]) {
      const { status, body } = await client.send({ method: 'GET', path: `${path}?${query}` });
      assert.equal(status, 403);
      assert.match(JSON.stringify(body), /are not kept, and cannot be searched for/);
    }
  });

  it('is not overwritten by what stands in its place', async () => {
    const { cluster } = running();
    const before = await cluster.admin.client.expect({ method: 'GET', path: `${VAULT}/equal` });
    for (const query of ['', '?output=yaml', '?version=1&output=yaml']) {
      const path = `${API_PATH}/namespaces/default/secrets/equal/manifest${query}`;
      const { stdout } = await cluster.kubectl(['get', '--raw', path]);
      assert.match(stdout, /redacted:hmac-sha256:/);
      for (const words of [
        ['--dry-run=server'],
        ['--server-side', '--dry-run=server', '--force-conflicts'],
        [],
      ]) {
        const { exitCode, stderr } = await cluster.kubectl(['apply', '-f', '-', ...words], { input: stdout });
        assert.notEqual(exitCode, 0, words.join(' '));
        assert.match(stderr, /illegal base64 data/);
      }
    }
    assert.deepEqual(await cluster.admin.client.expect({ method: 'GET', path: `${VAULT}/equal` }), before);
  });

  it('has the same mark after a restart', async () => {
    const on = running();
    const markers = async (): Promise<readonly JsonObject[]> =>
      Promise.all(['1', '2', '3'].map(async (version) => dataOf(on, 'equal', version)));
    const before = await markers();
    await on.server.stop();
    await on.startServer();
    await on.apiService.waitAvailable(30_000);
    await on.caughtUp();
    assert.deepEqual(await markers(), before);
  });
});

/** What changed at each version of a Secret. */
async function changesOf(on: ProvenanceCluster, name: string): Promise<readonly (JsonValue | undefined)[]> {
  const list = await on.answer(`namespaces/default/secrets/${name}/versions`);
  const items = isObject(list) ? member(list, 'items') : undefined;
  assert.ok(isArray(items));
  return items.map((item) => (isObject(item) ? member(item, 'changed') : undefined));
}

async function dataOf(on: ProvenanceCluster, name: string, version: string): Promise<JsonObject> {
  const manifest = await on.answer(`namespaces/default/secrets/${name}/manifest?version=${version}`);
  const data = isObject(manifest) ? objectMember(manifest, 'data') : undefined;
  assert.ok(data);
  return data;
}

/** Every path of every route, for every object that is known, with every parameter that shows more of it, in every output. */
async function everyPath({ client }: Identity): Promise<readonly string[]> {
  const list = await client.expect({ method: 'GET', path: `${API_PATH}/objecthistories?user=admin` });
  const items = isObject(list) ? member(list, 'items') : undefined;
  assert.ok(isArray(items));
  const objects = items.filter(isObject).map((item) => ({
    history: stringMember(objectMember(item, 'metadata') ?? {}, 'name') ?? '',
    versions: Number(member(item, 'versions')),
    ...identityOf(objectMember(item, 'object') ?? {}),
  }));
  assert.ok(
    objects.some(({ resource }) => resource === 'secrets') &&
      objects.some(({ resource }) => resource === 'pods'),
  );
  const paths = ROUTES.flatMap((route) =>
    route.paths.flatMap((pattern) =>
      objects.flatMap((object) => {
        const name = pattern.includes('objecthistories') ? object.history : object.name;
        const path = pattern
          .replace(':namespace', object.namespace)
          .replace(':resource', object.resource)
          .replace(':name', encodeURIComponent(name));
        const isOf =
          pattern.includes(':namespace') === (object.namespace !== '') || !pattern.includes(':name');
        return isOf ? withParameters(route, `${API_PATH}${path}`, object.versions) : [];
      }),
    ),
  );
  return [...new Set(paths)];
}

function identityOf(object: JsonObject): {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
} {
  const text = (key: string): string => stringMember(object, key) ?? '';
  return { namespace: text('namespace'), resource: text('resource'), name: text('name') };
}

function withParameters({ parameters, formats }: Route, path: string, versions: number): readonly string[] {
  const takes = (name: string): boolean => parameters.names.includes(name);
  const numbers = Array.from({ length: versions }, (_, index) => index + 1);
  const queries = [
    '',
    ...(takes('version') ? numbers.map((number) => `version=${number}`) : []),
    ...(takes('start')
      ? numbers.flatMap((start) =>
          numbers.filter((end) => end >= start).map((end) => `start=${start}&end=${end}`),
        )
      : []),
    ...(takes('field') ? ['a', 'b', 'c', 'g', 'h'].map((key) => `field=data.${key}&start=1`) : []),
    ...(takes('groupBy')
      ? ['user', 'verb', 'resource', 'namespace', 'day'].map((by) => `groupBy=${by}`)
      : []),
    ...(takes('at') ? ['at=-1s'] : []),
    ...(parameters.pairs === true ? ['field=data.a&value=x'] : []),
  ];
  return queries.flatMap((query) => [
    `${path}?${query}`,
    ...formats.map((format) => `${path}?${query}${query === '' ? '' : '&'}output=${format}`),
  ]);
}
