/**
 * Certificates and CAs are changed while sixteen clients ask, half of them through kube-apiserver: no request fails, and who
 * connects anew meets what is new.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { dirname, join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { isObject, objectMember, stringMember } from '../../src/model/json.ts';
import { namespace } from './cluster/manifests.ts';
import { CertificateAuthority, type KeyPair } from './cluster/pki.ts';
import { waitUntil } from './cluster/processes.ts';
import { askDirect, shownCertificate, type RawHeaders } from './testing/direct-request.ts';
import { Load, type LoadClient } from './testing/load.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const CLIENTS = 16;
const NOTICED_MS_MAX = 20_000;
/** How many requests have to be answered between two changes. */
const REQUESTS_BETWEEN = 5 * CLIENTS;
const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
const AS_MASTER: RawHeaders = [
  ['X-Remote-User', 'admin'],
  ['X-Remote-Group', 'system:masters'],
];

describe('Certificates that change under load', () => {
  let at: ProvenanceCluster | undefined;
  let load: Load | undefined;

  before(async () => {
    at = await ProvenanceCluster.start();
    const { client } = at.cluster.admin;
    await client.expect({ method: 'POST', path: '/api/v1/namespaces', body: namespace('shop') });
    await at.caughtUp();
  });
  afterEach(async () => {
    await load?.stop();
    load = undefined;
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  /** Clients that trust several serving CAs. */
  async function startLoad(...trusted: readonly CertificateAuthority[]): Promise<Load> {
    const { cluster, port } = running();
    const { credentials } = cluster.admin;
    assert.ok('pair' in credentials);
    const identity = {
      cert: await readFile(credentials.pair.cert, 'utf8'),
      key: await readFile(credentials.pair.key, 'utf8'),
    };
    const bundle = (await Promise.all(trusted.map(async (one) => one.readCertificate()))).join('');
    const path = `${API_PATH}/namespaces/shop/versions`;
    const through = {
      url: `${cluster.plane.server}${path}`,
      ca: await readFile(cluster.plane.caPath, 'utf8'),
    };
    const directly = { url: `https://127.0.0.1:${port}${path}`, ca: bundle };
    const clients = Array.from({ length: CLIENTS }, (_, index): LoadClient => {
      return { ...(index % 2 === 0 ? through : directly), ...identity, keepAlive: index % 4 < 2 };
    });
    load = new Load(clients);
    return load;
  }

  /** Waits until the clients have been answered some more. */
  async function askedMore(): Promise<void> {
    const enough = (load?.requests ?? 0) + REQUESTS_BETWEEN;
    await waitUntil('requests are answered', NOTICED_MS_MAX, () =>
      Promise.resolve((load?.requests ?? 0) >= enough),
    );
  }

  async function shows(pair: KeyPair): Promise<void> {
    const expected = new X509Certificate(await readFile(pair.cert)).fingerprint256;
    await waitUntil('new connections are shown the new certificate', NOTICED_MS_MAX, async () => {
      return (await shownCertificate(running().port)) === expected;
    });
  }

  async function noneFailed(): Promise<void> {
    const outcomes = (await load?.stop()) ?? [];
    const failed = outcomes.filter(({ status, complete }) => status !== 200 || !complete);
    assert.deepEqual(failed.slice(0, 5), [], `${failed.length} of ${outcomes.length} failed`);
    assert.ok(outcomes.length >= REQUESTS_BETWEEN);
  }

  it('are served as soon as they are there, by the same CA', async () => {
    const { cluster, certificate } = running();
    await startLoad(cluster.authorities.serving);
    await shows(certificate.pair);
    for (let rotation = 1; rotation <= 4; rotation += 1) {
      await askedMore();
      const old = await shownCertificate(running().port);
      await certificate.rotate(cluster.authorities.serving);
      await shows(certificate.pair);
      assert.notEqual(await shownCertificate(running().port), old);
    }
    await askedMore();
    await noneFailed();
  });

  it('are served by another CA, once both are trusted', async () => {
    const { cluster, certificate, port, apiService } = running();
    const { serving } = cluster.authorities;
    const next = await CertificateAuthority.create(cluster.folder, 'next-serving-ca');
    await startLoad(serving, next);
    await askedMore();
    const caBundle = (await serving.readCertificate()) + (await next.readCertificate());
    await cluster.installApiService({ port, caBundle });
    await askedMore();
    await certificate.rotate(next);
    await shows(certificate.pair);
    await askedMore();
    await cluster.installApiService({ port, caBundle: await next.readCertificate() });
    await askedMore();
    await noneFailed();
    assert.equal((await apiService.availability()).available, true);
  });

  it('stay as they were while there is only half of the next', async () => {
    const { cluster, certificate, port, server } = running();
    const { serving } = cluster.authorities;
    await certificate.rotate(serving);
    await shows(certificate.pair);
    await cluster.installApiService({ port });
    const shown = await shownCertificate(port);
    const keyPem = await readFile(certificate.pair.key, 'utf8');
    await startLoad(serving);
    const other = await serving.issue({ commonName: 'kubeprovenance', serverNames: ['IP:127.0.0.1'] });
    const otherPem = await readFile(other.cert, 'utf8');
    const halves = [
      { name: 'a key of another', certPem: otherPem, keyPem, problem: /the key is not the certificate/ },
      {
        name: 'a torn certificate',
        certPem: otherPem.slice(0, otherPem.length / 2),
        keyPem,
        problem: /problem/,
      },
      { name: 'an empty key', certPem: otherPem, keyPem: '', problem: /problem/ },
    ];
    for (const { name, problem, ...half } of halves) {
      const logged = server.log.length;
      await swapIn(dirname(certificate.pair.cert), half);
      await waitUntil(`the server has seen ${name}`, NOTICED_MS_MAX, () => {
        const log = server.log.slice(logged);
        return Promise.resolve(log.includes('files of TLS are not good') && problem.test(log));
      });
      assert.equal(await shownCertificate(port), shown, name);
      await askedMore();
    }
    assert.doesNotMatch(server.log, /PRIVATE KEY/);
    await certificate.rotate(serving);
    await shows(certificate.pair);
    assert.notEqual(await shownCertificate(port), shown);
    await askedMore();
    await noneFailed();
  });

  it('of the front proxy and of users are trusted by CAs that the cluster adds, and no longer when it takes them away', async () => {
    const { cluster, port } = running();
    const nextProxy = await CertificateAuthority.create(cluster.folder, 'next-front-proxy-ca');
    const nextUsers = await CertificateAuthority.create(cluster.folder, 'next-users-ca');
    const proxyPair = await nextProxy.issue({ commonName: 'front-proxy-client' });
    const userPair = await nextUsers.issue({ commonName: 'mallory', organizations: ['system:masters'] });
    const path = `${API_PATH}/namespaces/shop/versions`;
    const asProxy = async (): Promise<number> =>
      (await askDirect({ port, path, pair: proxyPair, headers: AS_MASTER })).status;
    const asUser = async (): Promise<number> =>
      (await askDirect({ port, path, pair: userPair, headers: AS_MASTER })).status;
    const set = async (data: Readonly<Record<string, string>>): Promise<void> => {
      const contentType = 'application/merge-patch+json';
      await cluster.unaudited.client.expect({
        method: 'PATCH',
        path: CONFIG_MAP,
        contentType,
        body: { data },
      });
    };
    assert.deepEqual([await asProxy(), await asUser()], [401, 401]);
    await startLoad(cluster.authorities.serving);
    await askedMore();

    const configMap = await cluster.unaudited.client.expect({ method: 'GET', path: CONFIG_MAP });
    const data = isObject(configMap) ? objectMember(configMap, 'data') : undefined;
    assert.ok(data);
    const proxyCa = stringMember(data, 'requestheader-client-ca-file') ?? '';
    const usersCa = stringMember(data, 'client-ca-file') ?? '';
    await set({
      'requestheader-client-ca-file': proxyCa + (await nextProxy.readCertificate()),
      'client-ca-file': usersCa + (await nextUsers.readCertificate()),
    });
    await waitUntil(
      'both are trusted',
      NOTICED_MS_MAX,
      async () => (await asProxy()) === 200 && (await asUser()) === 200,
    );
    await askedMore();

    await set({ 'requestheader-client-ca-file': proxyCa, 'client-ca-file': usersCa });
    await waitUntil(
      'none is trusted',
      NOTICED_MS_MAX,
      async () => (await asProxy()) === 401 && (await asUser()) === 401,
    );
    await askedMore();
    await noneFailed();
  });
});

/** Swaps files in as kubelet does (serving-certificate.ts), whatever they hold. */
async function swapIn(
  folder: string,
  { certPem, keyPem }: { readonly certPem: string; readonly keyPem: string },
): Promise<void> {
  const name = `..half-${performance.now()}`;
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'tls.crt'), certPem);
  await writeFile(join(folder, name, 'tls.key'), keyPem);
  await symlink(name, join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
}
