/**
 * Secret values are planted wherever a cluster's audit log can hold them: in Secrets, however they are written, in the
 * arguments of a command, in tokens. The log does hold them; nothing that our server says, logs or keeps does.
 */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../src/model/json.ts';
import { everyPath } from './secrets-paths.ts';
import { plantInConfigMap, plantNested } from './secrets-nested.ts';
import { leaks, plantAll, planter, VAULT } from './secrets-planted.ts';
import { askDirect } from './testing/direct-request.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
/** So many questions are asked at once. */
const LANES = 8;
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

describe('A secret value', () => {
  let at: ProvenanceCluster | undefined;
  /** Names of places → what to look for. */
  const planted = new Map<string, readonly string[]>();
  /** The same in a ConfigMap. */
  const configured = new Map<string, readonly string[]>();
  let dataDir = '';

  before(async () => {
    at = await ProvenanceCluster.start({
      serve: (cluster) => {
        dataDir = join(cluster.folder, 'data');
        return Promise.resolve(['--data-dir', dataDir, '--log-level', 'debug']);
      },
    });
    await plantAll(at, planted);
    await plantNested(at, planter(planted));
    await plantInConfigMap(at, planter(configured));
    await at.caughtUp();
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  it('is in the audit log, or this would prove nothing', async () => {
    const log = await readFile(running().cluster.auditLogPath, 'utf8');
    const missing = [...planted.keys()].filter((name) => !leaks(log, planted).includes(name));
    // It was shown to our server, whose own requests to kube-apiserver are not logged.
    assert.deepEqual(missing, ['bearer token']);
  });

  it('occurs in no answer', async () => {
    const paths = await everyPath(running().cluster.admin);
    assert.ok(paths.length > 100, String(paths.length));
    const { found, answered } = await leaksIn(running(), paths, planted);
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
    assert.deepEqual(await leaksBelow(dataDir, planted), []);
  });

  it('stays equal where it is equal, and changes where it changes', async () => {
    const changed = await changesOf(running(), 'equal');
    assert.deepEqual(changed, [null, ['metadata.labels.label'], ['data.b']]);
    const data = await dataOf(running(), 'equal', '1');
    assert.match(stringMember(data, 'a') ?? '', /^redacted:hmac-sha256:/);
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
    const known = await cluster.admin.client.expect({ method: 'GET', path: `${VAULT}/equal` });
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
    assert.deepEqual(await cluster.admin.client.expect({ method: 'GET', path: `${VAULT}/equal` }), known);
  });

  it('has the same mark after a restart', async () => {
    const on = running();
    const markers = async (): Promise<readonly JsonObject[]> =>
      Promise.all(['1', '2', '3'].map(async (version) => dataOf(on, 'equal', version)));
    const known = await markers();
    await on.server.stop();
    await on.startServer();
    await on.apiService.waitAvailable(30_000);
    await on.caughtUp();
    assert.deepEqual(await markers(), known);
  });

  it('may be in another kind of object, where that is said', async () => {
    const on = running();
    const isOfConfigMap = (path: string): boolean => !/\/(?:secrets|pods|parcels)\//.test(path);
    const paths = (await everyPath(on.cluster.admin)).filter(isOfConfigMap);
    const known = await leaksIn(on, paths, configured);
    assert.deepEqual([...known.names].toSorted(), [...configured.keys()].toSorted(), 'else they are kept');
    await on.server.stop();
    const otherDir = join(on.cluster.folder, 'other-data');
    await on.startServer('--data-dir', otherDir, '--redact-resource', 'secrets,configmaps');
    await on.apiService.waitAvailable(30_000);
    await on.caughtUp();
    const { found, answered } = await leaksIn(on, paths, configured);
    assert.deepEqual(found, []);
    assert.ok(answered > paths.length / 2, `${answered} of ${paths.length}`);
    assert.deepEqual(leaks(on.server.log, configured), []);
    assert.deepEqual(await leaksBelow(otherDir, configured), []);
    const manifest = await on.answer('namespaces/default/configmaps/sensitive/manifest');
    assert.match(JSON.stringify(manifest), /"a":"redacted:hmac-sha256:/);
  });
});

/** What the answers to these paths hold of the values, in each form that an answer has. */
async function leaksIn(
  { cluster }: ProvenanceCluster,
  paths: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): Promise<{
  readonly found: readonly string[];
  readonly names: ReadonlySet<string>;
  readonly answered: number;
}> {
  const found: string[] = [];
  const names = new Set<string>();
  let answered = 0;
  const ask = async (path: string, accept: string): Promise<void> => {
    const { status, headers, body } = await cluster.admin.client.send({
      method: 'GET',
      path,
      headers: { accept },
    });
    if (status === 200) answered += 1;
    const text = JSON.stringify(headers) + (typeof body === 'string' ? body : JSON.stringify(body));
    const leaked = leaks(text, values);
    for (const name of leaked) names.add(name);
    if (leaked.length > 0) found.push(`${path}: ${leaked.join()}`);
  };
  const waiting = paths.values();
  const lane = async (): Promise<void> => {
    // Each lane takes the next path that none has taken.
    for (const path of waiting) {
      for (const accept of path.includes('output=') ? ['*/*'] : ['application/json', TABLE, PARTIAL]) {
        await ask(path, accept);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { found, names, answered };
}

/** What the files of a folder, and their names, hold of the values. */
async function leaksBelow(
  folder: string,
  values: ReadonlyMap<string, readonly string[]>,
): Promise<readonly string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(files.length > 0);
  const found: string[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    const leaked = leaks(`${path} ${await readFile(path, 'latin1')}`, values);
    if (leaked.length > 0) found.push(`${path}: ${leaked.join()}`);
  }
  return found;
}

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
