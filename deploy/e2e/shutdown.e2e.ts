/**
 * The server is asked to end (SIGTERM) while it is being asked: what it has begun to answer it answers whole, whoever comes
 * later is refused the connection, and it says that it goes before it does.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import type { KeyPair } from './cluster/pki.ts';
import { waitUntil } from './cluster/processes.ts';
import { askDirect, openDirect, type OpenAnswer } from './testing/direct-request.ts';
import { Load, type LoadClient, type Outcome } from './testing/load.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';

const CLIENTS = 8;
const NOTICED_MS_MAX = 20_000;
const REQUESTS_BETWEEN = 5 * CLIENTS;
/** More than the buffers between the server and a client that does not read can hold. */
const LARGE_BYTES = 900_000;
const LARGE_VERSIONS = 12;
const SMALL_BYTES = 200_000;
/** Long enough to be asked a few times meanwhile on a busy machine. */
const DELAY = '6s';

describe('A server that is asked to end', () => {
  let at: ProvenanceCluster | undefined;
  let loads: readonly Load[] = [];
  /** Answers that nobody reads on yet. */
  const open: OpenAnswer[] = [];

  before(async () => {
    at = await ProvenanceCluster.start();
    const { client } = at.cluster.admin;
    const path = '/api/v1/namespaces/default/configmaps';
    for (let version = 1; version <= LARGE_VERSIONS; version += 1) {
      const data = { version: String(version), filling: String(version % 10).repeat(LARGE_BYTES) };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data };
      await (version === 1
        ? client.expect({ method: 'POST', path, body })
        : client.expect({ method: 'PUT', path: `${path}/large`, body }));
    }
    const data = { filling: 'x'.repeat(SMALL_BYTES) };
    await client.expect({ method: 'POST', path, body: { metadata: { name: 'small' }, data } });
    await at.caughtUp();
  });
  afterEach(async () => {
    for (const { socket } of open.splice(0)) socket.destroy();
    await Promise.all(loads.map(async (load) => load.stop()));
    loads = [];
  });
  after(async () => at?.stop());

  function running(): ProvenanceCluster {
    assert.ok(at);
    return at;
  }

  const LARGE = `${API_PATH}/namespaces/default/configmaps/large/spechistory`;
  const SMALL = `${API_PATH}/namespaces/default/configmaps/small/manifest`;

  function pairOfAdmin(): KeyPair {
    const { credentials } = running().cluster.admin;
    assert.ok('pair' in credentials);
    return credentials.pair;
  }

  /** Half of the clients ask through kube-apiserver, half directly, in this order; of each, half keep their connections. */
  async function startLoads(): Promise<void> {
    const { cluster, port } = running();
    const pair = pairOfAdmin();
    const identity = { cert: await readFile(pair.cert, 'utf8'), key: await readFile(pair.key, 'utf8') };
    const targets = [
      { url: `${cluster.plane.server}${SMALL}`, ca: await readFile(cluster.plane.caPath, 'utf8') },
      { url: `https://127.0.0.1:${port}${SMALL}`, ca: await cluster.authorities.serving.readCertificate() },
    ];
    const [through, directly] = targets.map((target) => {
      const clients = Array.from({ length: CLIENTS / 2 }, (_, index): LoadClient => {
        return { ...target, ...identity, keepAlive: index % 2 === 0 };
      });
      return new Load(clients);
    });
    assert.ok(through && directly);
    loads = [through, directly];
  }

  async function askedMore(): Promise<void> {
    const enough = loads.map(({ requests }) => requests + REQUESTS_BETWEEN);
    await waitUntil('requests have ended', NOTICED_MS_MAX, () =>
      Promise.resolve(loads.every(({ requests }, index) => requests >= (enough[index] ?? 0))),
    );
  }

  it('answers whole what it has begun to answer, and ends', async () => {
    const { cluster, port, server } = running();
    const pair = pairOfAdmin();
    const whole = (await askDirect({ port, path: LARGE, pair })).body;
    assert.ok(whole.length > LARGE_VERSIONS * LARGE_BYTES);
    await startLoads();
    await askedMore();
    const ports = [port, Number(new URL(cluster.plane.server).port)];
    for (const to of [...ports, ...ports, ...ports])
      open.push(await openDirect({ port: to, path: LARGE, pair }));
    for (const { response } of open) assert.equal(response.statusCode, 200);

    let hasEnded = false;
    const ended = server.stop().finally(() => (hasEnded = true));
    await waitUntil('new connections are refused', NOTICED_MS_MAX, async () => isRefused(port));
    await askedMore();
    assert.equal(hasEnded, false, 'there are answers under way');
    const bodies = await Promise.all(open.map(async ({ response }) => text(response)));
    for (const [index, body] of bodies.entries()) {
      assert.equal(open[index]?.response.complete, true);
      assert.equal(body.length, whole.length);
      assert.ok(body === whole);
    }
    assert.equal(await ended, 0);
    await askedMore();

    const [through, directly] = await Promise.all(loads.map(async (one) => one.stop()));
    assert.ok(through && directly);
    assertEnds(directly, isAnswered, ({ error, connected }) => {
      // What the kernel had accepted and the process had not is reset: that is how a listener closes.
      return error === 'ECONNREFUSED' || (error === 'ECONNRESET' && !connected);
    });
    assertEnds(through, isAnswered, ({ status, complete }) => status === 503 && complete);
  });

  it('says that it goes, and serves on until nobody comes any more', async () => {
    const on = running();
    const { port } = on;
    const server = await on.startServer('--shutdown-delay-duration', DELAY);
    await on.apiService.waitAvailable(NOTICED_MS_MAX);
    await on.caughtUp();
    await startLoads();
    await askedMore();
    const health = async (path: string): Promise<number> => (await askDirect({ port, path })).status;
    assert.equal(await health('/readyz'), 200);
    let hasEnded = false;
    const ended = server.stop().finally(() => (hasEnded = true));
    await waitUntil('/readyz fails', NOTICED_MS_MAX, async () => (await health('/readyz')) === 500);
    assert.match((await askDirect({ port, path: '/readyz' })).body, /\[-\]shutdown failed/);
    assert.equal(await health('/livez'), 200);
    assert.equal((await askDirect({ port, path: SMALL, pair: pairOfAdmin() })).status, 200);
    assert.equal((await on.ask('namespaces/default/configmaps/small/versions')).status, 200);
    assert.equal(await health('/readyz'), 500);
    await askedMore();
    assert.equal(hasEnded, false);
    const [through, directly] = await Promise.all(loads.map(async (one) => one.stop()));
    for (const outcomes of [through, directly])
      assert.deepEqual(
        outcomes?.filter((one) => !isAnswered(one)),
        [],
      );
    assert.equal(await ended, 0);
    assert.ok(await isRefused(port));
  });
});

function isAnswered({ status, complete, bodyBytes }: Outcome): boolean {
  return status === 200 && complete && bodyBytes > SMALL_BYTES;
}

/** Each outcome is one of the two, and there are both. */
function assertEnds(
  outcomes: readonly Outcome[],
  isBefore: (outcome: Outcome) => boolean,
  isAfter: (outcome: Outcome) => boolean,
): void {
  const others = outcomes.filter((outcome) => !isBefore(outcome) && !isAfter(outcome));
  assert.deepEqual(others.slice(0, 5), [], `${others.length} of ${outcomes.length}`);
  assert.ok(outcomes.some(isBefore) && outcomes.some(isAfter));
}

async function isRefused(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  socket.once('connect', () => resolve(false));
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  return promise.finally(() => socket.destroy());
}
