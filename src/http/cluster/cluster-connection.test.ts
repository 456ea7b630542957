import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ClusterConnection } from './cluster-connection.ts';
import { KubeConfigSource } from './kube-config.ts';
import {
  kubeConfigText,
  sendJson,
  startFakeApiServer,
  temporaryFolder,
  TestClock,
  TestLog,
  type FakeApiServer,
} from './testing/fake-api-server.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;

interface Setup {
  readonly clock: TestClock;
  readonly log: TestLog;
  readonly kubeConfigPath: string;
  readonly writeToken: (token: string) => void;
  /** The status of a request. */
  readonly ask: () => Promise<number>;
}

/** A connection whose token is in a file, `one` at first. */
function setUp(t: TestContext, server: FakeApiServer): Setup {
  const folder = temporaryFolder(t);
  const kubeConfigPath = join(folder, 'kubeconfig');
  const writeToken = (token: string): void => writeFileSync(join(folder, 'token'), `${token}\n`);
  writeFileSync(kubeConfigPath, kubeConfigText(server.url, { tokenFile: 'token' }));
  writeToken('one');
  const clock = new TestClock();
  const log = new TestLog();
  const kubeConfig = new KubeConfigSource({ path: kubeConfigPath, flag: '--kubeconfig' });
  const connection = new ClusterConnection({ kubeConfig, logger: log, clock });
  const ask = async (): Promise<number> => {
    const { status, body } = await connection.request({ method: 'GET', path: '/version', signal });
    await body.text();
    return status;
  };
  return { clock, log, kubeConfigPath, writeToken, ask };
}

/** A server that knows one token. */
async function startServer(t: TestContext, knows: (token: string) => boolean): Promise<FakeApiServer> {
  return startFakeApiServer(t, ({ headers }, response) => {
    sendJson(response, knows((headers.authorization ?? '').replace('Bearer ', '')) ? 200 : 401, {});
  });
}

function tokensOf(server: FakeApiServer): (string | undefined)[] {
  return server.requests.map(({ headers }) => headers.authorization);
}

describe('A connection', () => {
  it('reads a rotated token within a minute, and keeps its connections', async (t) => {
    const server = await startServer(t, () => true);
    const { ask, clock, writeToken } = setUp(t, server);
    await ask();
    writeToken('two');
    clock.time += MINUTE_MS - 1;
    await ask();
    clock.time += 1;
    await ask();
    for (let count = 0; count < 7; count += 1) await ask();
    assert.deepEqual(tokensOf(server).slice(0, 3), ['Bearer one', 'Bearer one', 'Bearer two']);
    assert.ok(server.connections() <= 2, `${server.connections()} connections`);
  });

  it('reads the token at once when the server does not know it any more', async (t) => {
    let known = 'one';
    const server = await startServer(t, (token) => token === known);
    const { ask, writeToken } = setUp(t, server);
    await ask();
    known = 'two';
    writeToken('two');
    assert.equal(await ask(), 200);
    assert.deepEqual(tokensOf(server), ['Bearer one', 'Bearer one', 'Bearer two']);
  });

  it('does not repeat a request that is not authenticated where it has nothing new to say', async (t) => {
    const server = await startServer(t, () => false);
    const { ask } = setUp(t, server);
    assert.equal(await ask(), 401);
    assert.equal(server.requests.length, 1);
  });

  it('goes to another server when the kubeconfig names one', async (t) => {
    const [server, other] = await Promise.all([startServer(t, () => true), startServer(t, () => true)]);
    const { ask, clock, kubeConfigPath } = setUp(t, server);
    await ask();
    writeFileSync(kubeConfigPath, kubeConfigText(other.url, { token: 'three' }));
    clock.time += MINUTE_MS;
    await ask();
    assert.deepEqual(tokensOf(server), ['Bearer one']);
    assert.deepEqual(tokensOf(other), ['Bearer three']);
  });

  it('uses what it read before while the kubeconfig is away, and says so once', async (t) => {
    const server = await startServer(t, () => true);
    const { ask, clock, log, kubeConfigPath } = setUp(t, server);
    await ask();
    rmSync(kubeConfigPath);
    for (let count = 0; count < 3; count += 1) {
      clock.time += MINUTE_MS;
      assert.equal(await ask(), 200);
    }
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0] ?? '', /^warn the kubeconfig .* ENOENT.*; what was read before is still used$/);
  });

  it('fails where there has never been a kubeconfig', async (t) => {
    const server = await startServer(t, () => true);
    const { ask, kubeConfigPath } = setUp(t, server);
    rmSync(kubeConfigPath);
    await assert.rejects(ask(), { code: 'CLUSTER_CONFIG' });
  });

  it('waits for its credentials no longer than the request may last', async () => {
    const kubeConfig = { read: () => new Promise<never>(() => undefined) };
    const connection = new ClusterConnection({ kubeConfig, logger: new TestLog() });
    const request = { method: 'GET', path: '/version?x=y', signal: AbortSignal.timeout(20) } as const;
    await assert.rejects(connection.request(request), {
      code: 'CLUSTER_TIMEOUT',
      message: 'kube-apiserver did not answer GET /version in time',
    });
  });

  it('lets a defect of the program be seen as what it is', async () => {
    const kubeConfig = { read: () => Promise.reject(new TypeError('x is not a function')) };
    const connection = new ClusterConnection({ kubeConfig, logger: new TestLog() });
    await assert.rejects(connection.request({ method: 'GET', path: '/version', signal }), {
      name: 'TypeError',
    });
  });
});
