/** What every answer has in common, whatever the route. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { fixtureReader, SOURCE } from './testing/fixture.ts';
import { isLoopbackHost } from './layers/loopback-host.ts';
import { assertStatus } from './testing/assert-status.ts';
import { serve } from './testing/serve.ts';

const API = '/apis/kubeprovenance.cloudark.io/v1';
const OBJECT = `${API}/namespaces/payments/deployments/api`;

test('headers: not cached, not sniffed, the audit ID echoed, nothing about the software', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const { headers } = await ask(`${OBJECT}/versions`, { headers: { 'audit-id': '4c6a9a34-8c1d' } });
  assert.equal(headers['cache-control'], 'no-cache, private');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['audit-id'], '4c6a9a34-8c1d');
  assert.equal(headers['vary'], 'Accept-Encoding, Accept');
  assert.equal(headers['x-powered-by'], undefined);
  assert.equal(headers['server'], undefined);
  const odd = await ask(`${OBJECT}/versions`, { headers: { 'audit-id': 'x'.repeat(65) } });
  assert.equal(odd.headers['audit-id'], undefined);
});

test('HEAD answers as GET does, without the body', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const path of [`${OBJECT}/versions`, `${OBJECT}/nothing`, '/livez', '/']) {
    const get = await ask(path);
    const head = await ask(path, { method: 'HEAD' });
    assert.equal(head.code, get.code);
    assert.equal(head.body, '');
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(get.body)));
    assert.equal(head.headers['content-type'], get.headers['content-type']);
  }
});

test('the forms of an answer, by output and by Accept', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const json = await ask(`${OBJECT}/versions`);
  const yaml = await ask(`${OBJECT}/versions?output=yaml`);
  assert.equal(yaml.headers['content-type'], 'application/yaml');
  assert.deepEqual(parse(yaml.body), json.json());
  assert.equal(
    (await ask(`${OBJECT}/versions`, { headers: { accept: 'application/yaml' } })).body,
    yaml.body,
  );
  const text = await ask(`${OBJECT}/versions?output=text`);
  assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(text.body, /^version v6 \(latest\)\n/);
  const patch = await ask(`${OBJECT}/diff?output=patch&start=v2&end=v3`);
  assert.equal(patch.headers['content-type'], 'application/json-patch+json');
  assert.deepEqual(patch.json(), [{ op: 'replace', path: '/spec/replicas', value: 3 }]);
});

test('JSON is pretty for people, a single line for programs', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const lines = async (path: string, userAgent: string): Promise<number> =>
    (await ask(path, { headers: { 'user-agent': userAgent } })).body.split('\n').length;
  for (const path of ['/', `${API}/sources`, `${OBJECT}/nothing`]) {
    assert.ok((await lines(path, 'kubectl/v1.34.0')) > 5);
    assert.ok((await lines(path, 'curl/8')) > 5);
    assert.equal(await lines(path, 'Go-http-client/2.0'), 2);
    assert.equal(await lines(`${path}?pretty=false`, 'curl/8'), 2);
    assert.ok((await lines(`${path}?pretty=true`, 'Go-http-client/2.0')) > 5);
  }
});

test('integers that a double cannot hold are shown as they are', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const path = `${API}/namespaces/payments/databases.mysql.example.com/main/spechistory`;
  assert.match((await ask(path)).body, /"spec":\{"size":9007199254740993\}/);
  assert.match((await ask(`${path}?output=yaml`)).body, /size: 9007199254740993\n/);
});

test('a defect becomes an InternalError that says nothing, and a line in the log', async (t) => {
  const reader = fixtureReader();
  const broken = {
    ...reader,
    history: () => {
      throw new Error('the secret of the store');
    },
  };
  const { ask, log } = await serve(t, broken);
  const answer = await ask(`${OBJECT}/versions`);
  assert.equal(answer.code, 500);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.deepEqual(answer.json(), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'an internal error occurred; the log of the server has the details',
    reason: 'InternalError',
    details: { group: 'apps', kind: 'deployments', name: 'api' },
    code: 500,
  });
  const line = log.find((entry) => entry.includes('request failed'));
  assert.match(line ?? '', /the secret of the store.*app\.test\.ts/);
});

test('without a source every question is answered by how to give one', async (t) => {
  const { ask } = await serve(t, fixtureReader([]));
  for (const path of [
    `${OBJECT}/versions`,
    `${API}/activities`,
    `${API}/rollouts`,
    `${API}/namespaces/x/bisect?field=a&value=b`,
  ]) {
    const answer = await ask(path);
    assert.equal(answer.code, 404);
    assert.match(answer.body, /no audit log is configured.*--audit-log/);
  }
  const sources = await ask(`${API}/sources`);
  assert.equal(sources.code, 200);
  assert.match(sources.body, /"items":\[\]/);
  assert.equal((await ask('/readyz')).code, 200);
});

test('the root lists the paths that stand for themselves', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  assert.deepEqual((await ask('/')).json(), {
    paths: [
      '/apis',
      '/apis/kubeprovenance.cloudark.io',
      API,
      `${API}/activities`,
      `${API}/objecthistories`,
      `${API}/rollouts`,
      `${API}/sources`,
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v2',
      '/openapi/v3',
      `/openapi/v3${API}`,
      '/readyz',
      '/version',
    ],
  });
});

test('while logs are being read, every answer from them says so, and what it says of nothing too', async (t) => {
  let sources = [SOURCE, { ...SOURCE, bytesBehind: 30 }];
  const { ask } = await serve(t, { ...fixtureReader(), sources: () => sources });
  const reading = 'still reading: 42 bytes of the audit logs are not in this answer yet';
  const paths = [
    `${OBJECT}/versions`,
    `${OBJECT}/versions?output=text`,
    `${API}/activities`,
    `${API}/rollouts`,
  ];
  const missing = `${API}/namespaces/payments/deployments/nothing/versions`;
  const manifest = `${OBJECT}/manifest?output=text`;
  for (const path of [...paths, manifest, missing]) {
    assert.equal((await ask(path)).headers['warning'], `299 - "${reading}"`, path);
  }
  const text = (await ask(`${OBJECT}/versions?output=text`)).body;
  assert.ok(text.endsWith(`\n(${reading})\n`));
  const applied = (await ask(manifest)).body;
  assert.ok(applied.endsWith(`\n# (${reading})\n`), 'a manifest can still be applied');
  const doubtful = await ask(`${API}/namespaces/payments/configmaps/config/manifest`);
  assert.match(
    String(doubtful.headers['warning']),
    /^299 - "v2 is put together .*", ?299 - "still reading: 42 bytes/,
  );
  for (const path of [`${API}/sources`, '/readyz', '/metrics', '/', '/nothing', `${OBJECT}/versions?x=y`]) {
    assert.equal((await ask(path)).headers['warning'], undefined, path);
  }
  sources = [{ ...SOURCE, bytesBehind: 0 }];
  for (const path of [...paths, missing]) assert.equal((await ask(path)).headers['warning'], undefined, path);
  assert.equal(text, `${(await ask(`${OBJECT}/versions?output=text`)).body}(${reading})\n`);
});

test('a request that names a foreign host is refused before anything is looked up', async (t) => {
  const { ask } = await serve(t, fixtureReader(), { isHostAllowed: isLoopbackHost });
  for (const path of ['/', '/metrics', '/readyz', `${OBJECT}/versions`]) {
    const refused = await ask(path, { headers: { host: 'evil.example:8080' } });
    assert.match(refused.body, /does not answer as \\"evil.example:8080\\"/);
    assertStatus(refused, 403);
    assert.equal((await ask(path, { headers: { host: 'localhost:1' } })).code, 200);
    assert.equal((await ask(path)).code, 200);
  }
});
