/**
 * How answers are handed over, through a real kube-apiserver and on our own port: compressed where they are large, under the ID of
 * the request, by TLS that is not too old, and not more at once than was allowed.
 */
import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { Identity } from './cluster/identities.ts';
import { permit } from './cluster/manifests.ts';
import type { KeyPair } from './cluster/pki.ts';
import { waitUntil } from './cluster/processes.ts';
import { askDirect, openDirect, type RawHeaders } from './testing/direct-request.ts';
import { parsed, pick } from './testing/pick.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
/** More than the buffers between the server and a client that does not read can hold. */
const LARGE_BYTES = 900_000;
const LARGE_VERSIONS = 12;
/** Over 128 KiB, from where on answers are compressed. */
const MEDIUM_BYTES = 200_000;
const FREED_MS_MAX = 10_000;

describe('Serving', () => {
  let at: ProvenanceCluster | undefined;
  let alice: Identity | undefined;

  before(async () => {
    at = await ProvenanceCluster.start({ serve: ['--max-requests-inflight', '1'] });
    const { cluster } = at;
    alice = await cluster.user('alice');
    const rules = [
      { apiGroups: ['kubeprovenance.cloudark.io', ''], resources: ['*'], verbs: ['get', 'list'] },
    ];
    await cluster.apply(...permit({ name: 'alice', to: { user: 'alice' }, rules, namespace: 'default' }));
    const { client } = cluster.admin;
    for (const [name, bytes] of [
      ['small', 10],
      ['medium', MEDIUM_BYTES],
    ] as const) {
      await client.expect({
        method: 'POST',
        path: CONFIGMAPS,
        body: { metadata: { name }, data: { filling: 'é'.repeat(bytes / 2) } },
      });
    }
    for (let version = 1; version <= LARGE_VERSIONS; version += 1) {
      const body = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'large' },
        data: { filling: String(version % 10).repeat(LARGE_BYTES) },
      };
      await (version === 1
        ? client.expect({ method: 'POST', path: CONFIGMAPS, body })
        : client.expect({ method: 'PUT', path: `${CONFIGMAPS}/large`, body }));
    }
    await at.caughtUp();
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  function pairOf(identity: Identity | undefined): KeyPair {
    assert.ok(identity !== undefined && 'pair' in identity.credentials);
    return identity.credentials.pair;
  }

  function of(name: string, question = 'manifest'): string {
    return `${API_PATH}/namespaces/default/configmaps/${name}/${question}`;
  }

  for (const way of ['through kube-apiserver', 'on our own port'] as const) {
    const port = (): number =>
      way === 'on our own port' ? running().port : Number(new URL(running().cluster.plane.server).port);

    /** Asks as admin. */
    async function ask(path: string, headers: RawHeaders) {
      const pair = pairOf(running().cluster.admin);
      const { response, socket } = await openDirect({ port: port(), path, pair, headers });
      const bytes = await buffer(response);
      socket.destroy();
      assert.equal(response.statusCode, 200);
      return { headers: response.headers, bytes };
    }

    it(`compresses large answers for who takes them so, ${way}`, async () => {
      const { headers, bytes } = await ask(of('medium'), [['Accept-Encoding', 'gzip']]);
      assert.equal(headers['content-encoding'], 'gzip');
      assert.ok(bytes.length < MEDIUM_BYTES / 10, String(bytes.length));
      const manifest = parsed(gunzipSync(bytes).toString());
      assert.equal(pick(manifest, 'data', 'filling'), 'é'.repeat(MEDIUM_BYTES / 2));
    });

    for (const [name, accepted] of [
      ['medium', undefined],
      ['medium', 'identity'],
      ['medium', 'gzip;q=0'],
      ['small', 'gzip'],
    ] as const) {
      it(`sends the ${name} answer as it is where ${accepted ?? 'nothing'} is accepted, ${way}`, async () => {
        const { headers, bytes } = await ask(
          of(name),
          accepted === undefined ? [] : [['Accept-Encoding', accepted]],
        );
        assert.equal(headers['content-encoding'], undefined);
        const size = name === 'small' ? 10 : MEDIUM_BYTES;
        assert.equal(pick(parsed(bytes.toString()), 'data', 'filling'), 'é'.repeat(size / 2));
      });
    }

    it(`answers under the ID of the request, ${way}`, async () => {
      const id = '0dadb61b-2916-485f-bc52-6bb62e2fe3c0';
      const { headers } = await ask(of('small'), [['Audit-ID', id]]);
      // kube-apiserver says it too, and leaves ours beside its own.
      const said = String(headers['audit-id']).split(', ');
      assert.deepEqual(said, way === 'on our own port' ? [id] : [id, id]);
    });
  }

  it('refuses TLS that is too old', async () => {
    const answer = async (version: SecureVersion) =>
      askDirect({
        port: running().port,
        path: '/livez',
        // Without this, the client itself would refuse.
        connect: { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
      });
    for (const version of ['TLSv1', 'TLSv1.1'] as const) {
      await assert.rejects(answer(version), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    }
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { status, protocol } = await answer(version);
      assert.deepEqual([status, protocol], [200, version]);
    }
  });

  it('asks those to come again who come while as many are answered as may be', async () => {
    const { port } = running();
    const pair = pairOf(alice);
    // An answer is under way until its reader has taken it; this reader does not.
    const { response, socket } = await openDirect({ port, path: of('large', 'spechistory'), pair });
    try {
      assert.equal(response.statusCode, 200);
      const direct = await askDirect({ port, path: of('small'), pair });
      assert.equal(direct.status, 429);
      assert.equal(direct.headers['retry-after'], '1');
      assert.equal(pick(parsed(direct.body), 'reason'), 'TooManyRequests');
      const through = await running().ask('namespaces/default/configmaps/small/manifest', alice);
      assert.equal(through.status, 429);
      assert.equal(through.headers['retry-after'], '1');
      // Probes and the aggregator are never told so.
      assert.equal((await askDirect({ port, path: '/readyz' })).status, 200);
      assert.equal((await running().ask('namespaces/default/configmaps/small/manifest')).status, 200);
    } finally {
      socket.destroy();
    }
    await waitUntil('there is room again', FREED_MS_MAX, async () => {
      const { status } = await askDirect({ port, path: of('small'), pair });
      return status === 200;
    });
  });
});
