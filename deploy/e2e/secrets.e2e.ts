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
import { leaks, plantAll, VAULT } from './secrets-planted.ts';
import { askDirect } from './testing/direct-request.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

describe('A secret value', () => {
  let at: ProvenanceCluster | undefined;
  /** Names of places → what to look for. */
  let planted: ReadonlyMap<string, readonly string[]> = new Map();
  let dataDir = '';

  before(async () => {
    at = await ProvenanceCluster.start({
      serve: (cluster) => {
        dataDir = join(cluster.folder, 'data');
        return Promise.resolve(['--data-dir', dataDir, '--log-level', 'debug']);
      },
    });
    planted = await plantAll(at);
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
        const text = JSON.stringify(headers) + (typeof body === 'string' ? body : JSON.stringify(body));
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
