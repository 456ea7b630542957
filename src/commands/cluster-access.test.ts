import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Command } from 'commander';
import { pino } from 'pino';
import {
  kubeConfigText,
  sendJson,
  startFakeApiServer,
  temporaryFolder,
  until,
  type FakeApiServer,
  type FakeRequest,
} from '../http/cluster/testing/fake-api-server.ts';
import { createAuthority } from '../http/testing/certificates.ts';
import { accessCluster, type ClusterAccess } from './cluster-access.ts';
import { servingOptions, type ServingFlags } from './serving-options.ts';

const first = await createAuthority('first');
const second = await createAuthority('second');

function configMap(caPem: string): unknown {
  return { kind: 'ConfigMap', metadata: { resourceVersion: '1' }, data: { 'client-ca-file': caPem } };
}

function flagsOf(...args: readonly string[]): ServingFlags {
  const command = new Command();
  for (const option of servingOptions()) command.addOption(option);
  return command.parse(args, { from: 'user' }).opts<ServingFlags>();
}

interface Scene {
  readonly server: FakeApiServer;
  readonly cluster: ClusterAccess;
  readonly log: readonly string[];
}

/** Access to a cluster whose ConfigMap names the first CA, and that else answers as a test says. */
async function connect(
  t: TestContext,
  answer: (request: FakeRequest, response: ServerResponse) => void,
  onChange = (): void => undefined,
): Promise<Scene> {
  const server = await startFakeApiServer(t, (request, response) => {
    const isConfigMap = request.path.endsWith('/extension-apiserver-authentication');
    if (isConfigMap) sendJson(response, 200, configMap(first.certPem));
    else answer(request, response);
  });
  const path = join(temporaryFolder(t), 'kubeconfig');
  writeFileSync(path, kubeConfigText(server.url, { token: 'secret-token' }));
  const log: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void log.push(line) });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const cluster = await accessCluster(flagsOf('--kubeconfig', path), logger, stop.signal, onChange);
  return { server, cluster, log };
}

describe('Access to the cluster', () => {
  it('names the flag that gave the kubeconfig, or the one to give', async () => {
    const { signal } = new AbortController();
    const logger = pino({ level: 'silent' });
    for (const [args, message] of [
      [['--kubeconfig', '/nowhere'], /\/nowhere cannot be used: .*see --kubeconfig$/],
      [['--authentication-kubeconfig', '/nowhere'], /see --authentication-kubeconfig$/],
      [[], /give a kubeconfig with --kubeconfig$/],
    ] as const) {
      await assert.rejects(
        accessCluster(flagsOf(...args), logger, signal, () => undefined),
        { code: 'CLUSTER_CONFIG', message },
      );
    }
  });

  it('does not trust CAs that TLS does not take: those before stay, all of them', async (t) => {
    let changes = 0;
    const { cluster, log } = await connect(
      t,
      ({ query }, response) => {
        const event = { type: 'MODIFIED', object: configMap(second.certPem) };
        if (query.has('watch')) response.write(`${JSON.stringify(event)}\n`);
      },
      () => {
        changes += 1;
        if (changes === 2) throw new Error('TLS does not take them');
      },
    );
    await until(() => changes === 2);
    assert.equal(cluster.config().clientCa, first.certPem);
    await until(() => log.some((line) => line.includes('TLS does not take them')));
  });

  it('authorizes while tokens flood it, and the identity is the same', async (t) => {
    const held: ServerResponse[] = [];
    let isFlood = true;
    const sendNobody = (response: ServerResponse): void =>
      sendJson(response, 201, { kind: 'TokenReview', status: { authenticated: false } });
    const { cluster } = await connect(t, ({ path }, response) => {
      if (path.endsWith('/subjectaccessreviews')) {
        sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed: true } });
      } else if (path.endsWith('/tokenreviews')) {
        if (isFlood) held.push(response);
        else sendNobody(response);
      }
    });
    const tokens = Array.from({ length: 40 }, async (_, index) => {
      // From many machines: of one address, fewer are reviewed at once.
      const remoteAddress = { value: `192.0.2.${index}` };
      const request = new IncomingMessage(
        Object.defineProperty(new Socket(), 'remoteAddress', remoteAddress),
      );
      request.headers.authorization = `Bearer token-${index}`;
      await assert.rejects(cluster.access.authenticate(request), { reason: 'Unauthorized' });
    });
    // No more arrive: each holds a connection, and there are no others.
    await until(() => held.length === 32);
    const user = { name: 'alice', uid: '', groups: [], extra: new Map<string, readonly string[]>() };
    const { allowed } = await cluster.access.authorize(user, { verb: 'get', path: '/metrics' });
    assert.ok(allowed);
    assert.ok(
      held.every(({ destroyed }) => !destroyed),
      'it waited until reviews were given up',
    );
    isFlood = false;
    for (const response of held) sendNobody(response);
    await Promise.all(tokens);
  });
});
