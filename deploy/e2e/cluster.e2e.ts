/** The cluster in a box itself: what tests rely on when they use it. */
import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { isObject, objectMember, parseJson, stringMember } from '../../src/model/json.ts';
import { Cluster, folderPrefix } from './cluster/cluster.ts';
import { freePort } from './cluster/free-ports.ts';
import type { Identity } from './cluster/identities.ts';
import { namespace, permit } from './cluster/manifests.ts';
import { readStoredStates } from './cluster/stored-states.ts';
import type { ServingCertificate } from './cluster/serving-certificate.ts';

describe('A cluster in a box', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await Cluster.start({ storageMediaType: 'application/json' });
  });
  after(async () => cluster?.stop());

  async function whoami(as: Identity, ...args: readonly string[]): Promise<unknown> {
    const { stdout, stderr } = await cluster.kubectl(['auth', 'whoami', '--output=json', ...args], { as });
    const review = parseJson(stdout === '' ? JSON.stringify(stderr) : stdout);
    const status = isObject(review) ? objectMember(review, 'status') : undefined;
    const user = status === undefined ? undefined : objectMember(status, 'userInfo');
    return user === undefined ? stderr : [stringMember(user, 'username'), user['groups']];
  }

  it('knows users by certificates, service accounts by tokens, and whom they impersonate', async () => {
    const alice = await cluster.user('alice@example.com', 'devs, east', 'west');
    const bot = await cluster.serviceAccount('shop', 'bot');
    const stranger = await cluster.bearer('stranger', 'no token of this cluster');
    assert.deepEqual(await whoami(alice), [
      'alice@example.com',
      ['devs, east', 'west', 'system:authenticated'],
    ]);
    assert.deepEqual(await whoami(bot), [
      'system:serviceaccount:shop:bot',
      ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    ]);
    assert.deepEqual(await whoami(cluster.admin, '--as=bob'), ['bob', ['system:authenticated']]);
    assert.match(String(await whoami(stranger)), /Unauthorized/);
  });

  it('lets users do what they are permitted, and only that', async () => {
    const dana = await cluster.user('dana');
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    await cluster.apply(
      namespace('room'),
      ...permit({ name: 'dana', to: { user: 'dana' }, rules, namespace: 'room' }),
    );
    const list = async (where: string) =>
      (await dana.client.send({ method: 'GET', path: `/api/v1/namespaces/${where}/configmaps` })).status;
    assert.equal(await list('room'), 200);
    assert.equal(await list('default'), 403);
  });

  it('logs what users do, bodies and all, and nothing of what the harness does', async () => {
    const body = { metadata: { name: 'seen' }, stringData: { key: 'planted' } };
    const path = '/api/v1/namespaces/default/secrets';
    await cluster.admin.client.expect({ method: 'POST', path, body });
    await cluster.unaudited.client.expect({ method: 'POST', path, body: { metadata: { name: 'unseen' } } });
    await cluster.admin.client.expect({ method: 'DELETE', path: `${path}/seen` });
    const log = await readFile(cluster.auditLogPath, 'utf8');
    // As it is decoded: stringData is part of data already.
    const planted = `"data":{"key":"${Buffer.from('planted').toString('base64')}"}`;
    assert.ok(log.includes(planted), 'the body is in the log');
    assert.ok(!/unseen|"username":"unaudited"/.test(log), 'the unaudited are not');
    const states = await readStoredStates(cluster.plane.etcdUrl);
    const secrets = states.filter(({ key }) => key.resource === 'secrets');
    assert.deepEqual(
      secrets.map(({ key, value }) => [key.name, value !== undefined]),
      [
        ['seen', true],
        ['unseen', true],
        ['seen', false],
      ],
    );
  });

  it('finds our server, and says when it does not or does not trust it', async (t) => {
    const port = await freePort();
    const api = await cluster.installApiService({ port });
    t.after(async () => api.remove());
    await assert.rejects(api.waitAvailable(500), /not available within 500 ms: FailedDiscoveryCheck/);
    const certificate = await cluster.servingCertificate();
    await serveStub(t, port, certificate);
    const ms = await api.waitAvailable(10_000);
    assert.ok(ms < 10_000);
    const get = async () =>
      cluster.kubectl(['get', '--raw', '/apis/kubeprovenance.cloudark.io/v1/some/path']);
    assert.deepEqual(await get(), { exitCode: 0, stdout: '{"resources":[]}', stderr: '' });
    await cluster.installApiService({ port, caBundle: await cluster.authorities.wrong.readCertificate() });
    const { stderr } = await get();
    assert.match(stderr, /unknown authority|ServiceUnavailable/);
  });

  it('gives our server an account that may ask for reviews and read how to authenticate, and no more', async () => {
    const account = await cluster.serverAccount();
    const can = async (...words: readonly string[]) =>
      (await cluster.kubectl(['auth', 'can-i', ...words], { as: account })).stdout.trim();
    assert.equal(await can('create', 'subjectaccessreviews.authorization.k8s.io'), 'yes');
    assert.equal(await can('create', 'tokenreviews.authentication.k8s.io'), 'yes');
    const settings = 'configmaps/extension-apiserver-authentication';
    assert.equal(await can('watch', settings, '--namespace=kube-system'), 'yes');
    assert.equal(await can('list', 'configmaps', '--namespace=kube-system'), 'no');
    assert.equal(await can('get', 'secrets', '--all-namespaces'), 'no');
  });

  it('offers kubectl proxy', async () => {
    const answer = await fetch(`${await cluster.kubectlProxy()}/api/v1/namespaces/default`);
    assert.equal(answer.status, 200);
  });

  it('leaves nothing behind when it cannot start, and says why', async () => {
    const policyPath = join(cluster.folder, 'broken-policy.yaml');
    await writeFile(policyPath, 'kind: Nonsense');
    await assert.rejects(
      Cluster.start({ audit: { policyPath } }),
      /kube-apiserver ended unexpectedly[^]*audit/,
    );
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(folderPrefix()));
    assert.deepEqual(folders, [basename(cluster.folder)]);
  });
});

/** What answers everything like an aggregated server without resources. */
async function serveStub(t: TestContext, port: number, { pair }: ServingCertificate): Promise<Server> {
  const tls = { cert: await readFile(pair.cert), key: await readFile(pair.key) };
  const server = createServer(tls, (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"resources":[]}');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}
