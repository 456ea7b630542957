import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import type { User } from '../auth/user.ts';
import { createClusterClient, type ClusterClient } from './cluster-client.ts';
import {
  connectTo,
  sendJson,
  startFakeApiServer,
  TestClock,
  type FakeApiServer,
} from './testing/fake-api-server.ts';

const ALICE: User = {
  name: 'alice',
  uid: '7',
  groups: ['devs', 'system:authenticated'],
  extra: new Map([['scopes', ['a', 'b']]]),
};
const GET_METRICS = { verb: 'get', path: '/metrics' };

interface Setup {
  readonly server: FakeApiServer;
  readonly client: ClusterClient;
  readonly clock: TestClock;
}

/** A client of a server that gives these answers in turn, the last one again and again. */
async function setUp(
  t: TestContext,
  ...answers: readonly ((response: ServerResponse) => void)[]
): Promise<Setup> {
  let asked = 0;
  const server = await startFakeApiServer(t, (_request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(response);
  });
  const clock = new TestClock();
  return { server, clock, client: createClusterClient(connectTo(t, server.url), { clock }) };
}

function allow(response: ServerResponse): void {
  sendJson(response, 201, { kind: 'SubjectAccessReview', status: { allowed: true, reason: 'RBAC' } });
}

function fail(code: number, headers = {}): (response: ServerResponse) => void {
  return (response) => sendJson(response, code, { kind: 'Status', message: `it is ${code}` }, headers);
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

describe('reviewAccess', () => {
  it('asks about a resource, as the user, with all that is known of them', async (t) => {
    const { client, server } = await setUp(t, allow);
    const attributes = {
      verb: 'get',
      group: 'apps',
      version: 'v1',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'default',
      name: 'web',
    };
    assert.deepEqual(await client.reviewAccess(ALICE, attributes), { allowed: true, reason: 'RBAC' });
    const [request] = server.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(request.path, '/apis/authorization.k8s.io/v1/subjectaccessreviews');
    assert.equal(request.headers.authorization, 'Bearer secret-token');
    assert.equal(request.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(request.body), {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: 'alice',
        uid: '7',
        groups: ['devs', 'system:authenticated'],
        extra: { scopes: ['a', 'b'] },
        resourceAttributes: attributes,
      },
    });
  });

  it('asks about a path', async (t) => {
    const { client, server } = await setUp(t, allow);
    await client.reviewAccess(ALICE, GET_METRICS);
    assert.deepEqual(JSON.parse(server.requests[0]?.body ?? ''), {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: 'alice',
        uid: '7',
        groups: ['devs', 'system:authenticated'],
        extra: { scopes: ['a', 'b'] },
        nonResourceAttributes: GET_METRICS,
      },
    });
  });

  it('takes only what is allowed and not denied for a yes', async (t) => {
    const statuses = [
      { status: { allowed: true }, allowed: true },
      { status: { allowed: true, denied: false }, allowed: true },
      { status: { allowed: true, denied: true }, allowed: false },
      { status: { allowed: false, denied: true }, allowed: false },
      { status: { allowed: false }, allowed: false },
      { status: { allowed: 'true' }, allowed: false },
      { status: {}, allowed: false },
    ];
    const { client } = await setUp(
      t,
      ...statuses.map(
        ({ status }) =>
          (response: ServerResponse): void =>
            sendJson(response, 201, { kind: 'SubjectAccessReview', status }),
      ),
    );
    for (const { status, allowed } of statuses) {
      assert.equal((await client.reviewAccess(ALICE, GET_METRICS)).allowed, allowed, JSON.stringify(status));
    }
  });

  it('fails where the answer is none', async (t) => {
    const { client } = await setUp(
      t,
      (response) => response.end('<html>'),
      (response) => sendJson(response, 200, { kind: 'Status', status: { allowed: true } }),
      (response) => sendJson(response, 200, { kind: 'SubjectAccessReview' }),
      (response) => sendJson(response, 200, null),
    );
    for (let count = 0; count < 4; count += 1) {
      await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), { code: 'CLUSTER_ANSWER' });
    }
  });
});

describe('reviewToken', () => {
  it('says whose the token is', async (t) => {
    const { client, server } = await setUp(t, (response) =>
      sendJson(response, 201, {
        kind: 'TokenReview',
        status: {
          authenticated: true,
          user: { username: 'alice', uid: '7', groups: ALICE.groups, extra: { scopes: ['a', 'b'] } },
        },
      }),
    );
    assert.deepEqual(await client.reviewToken('abc'), { authenticated: true, user: ALICE });
    assert.equal(server.requests[0]?.path, '/apis/authentication.k8s.io/v1/tokenreviews');
    assert.deepEqual(JSON.parse(server.requests[0].body), {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'abc' },
    });
  });

  it('says that it is nobody’s, and why', async (t) => {
    const { client } = await setUp(
      t,
      (response) =>
        sendJson(response, 201, { kind: 'TokenReview', status: { user: { username: 'x' }, error: 'old' } }),
      (response) => sendJson(response, 201, { kind: 'TokenReview', status: { authenticated: false } }),
    );
    assert.deepEqual(await client.reviewToken('abc'), { authenticated: false, error: 'old' });
    assert.deepEqual(await client.reviewToken('abc'), { authenticated: false });
  });

  it('fails where a user without a name is authenticated', async (t) => {
    const { client } = await setUp(t, (response) =>
      sendJson(response, 201, { kind: 'TokenReview', status: { authenticated: true, user: {} } }),
    );
    await assert.rejects(client.reviewToken('abc'), { code: 'CLUSTER_ANSWER' });
  });
});

describe('A call', () => {
  it('is repeated after 429, 500, 504 and a broken connection, with growing waits', async (t) => {
    const { client, clock } = await setUp(t, fail(429), fail(500), fail(504), cut, allow);
    assert.equal((await client.reviewAccess(ALICE, GET_METRICS)).allowed, true);
    assert.deepEqual(clock.sleeps, [500, 750, 1125, 1687.5]);
  });

  it('is given up after five attempts, with the last error', async (t) => {
    const { client, server } = await setUp(t, fail(429), fail(500));
    await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), {
      code: 'CLUSTER_REFUSED',
      status: 500,
      message:
        'kube-apiserver answered POST /apis/authorization.k8s.io/v1/subjectaccessreviews with 500: it is 500',
    });
    assert.equal(server.requests.length, 5);
  });

  it('is not repeated where that would not help', async (t) => {
    const { client, server } = await setUp(t, fail(400), fail(401), fail(403), fail(404), fail(503));
    for (const status of [400, 401, 403, 404, 503]) {
      await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), { status });
    }
    assert.equal(server.requests.length, 5);
  });

  it('is repeated after whatever says Retry-After, no sooner than that', async (t) => {
    const { client, clock } = await setUp(
      t,
      fail(503, { 'Retry-After': '2' }),
      fail(503, { 'Retry-After': '0' }),
      allow,
    );
    assert.equal((await client.reviewAccess(ALICE, GET_METRICS)).allowed, true);
    assert.deepEqual(clock.sleeps, [2000, 750]);
  });

  it('is repeated where nobody listens', async (t) => {
    const { client, clock } = await setUpWithoutServer(t);
    await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), {
      code: 'CLUSTER_UNREACHABLE',
      message: /^kube-apiserver did not answer POST .*subjectaccessreviews: .*ECONNREFUSED/,
    });
    assert.equal(clock.sleeps.length, 4);
  });

  it('says which binding is missing where it is forbidden', async (t) => {
    const { client } = await setUp(t, fail(403));
    await assert.rejects(client.reviewToken('abc'), {
      message: /bind the ClusterRole system:auth-delegator/,
    });
    const which = { namespace: 'kube-system', name: 'x' };
    const { signal } = new AbortController();
    await assert.rejects(client.readConfigMap(which, signal), {
      message: /bind the Role extension-apiserver-authentication-reader in the namespace kube-system/,
    });
  });

  it('says that our own credentials are no good where they are', async (t) => {
    const { client } = await setUp(t, fail(401));
    await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), {
      message: /with 401: .*the token or certificate in the kubeconfig has expired .*renew it/,
    });
  });

  it('does not outlast its timeout: not for an answer, its rest, or a wait', async (t) => {
    const silent = (): void => undefined;
    const half = (response: ServerResponse): void => void response.write('{"kind":');
    for (const [answer, code] of [
      [silent, 'CLUSTER_TIMEOUT'],
      [half, 'CLUSTER_TIMEOUT'],
      [fail(429, { 'Retry-After': '3600' }), 'CLUSTER_REFUSED'],
    ] as const) {
      const server = await startFakeApiServer(t, (_request, response) => answer(response));
      const client = createClusterClient(connectTo(t, server.url), { timeoutMs: 50 });
      await assert.rejects(client.reviewAccess(ALICE, GET_METRICS), { code });
      assert.equal(server.requests.length, 1);
    }
  });

  it('uses the connections of those before', async (t) => {
    const { client, server } = await setUp(t, allow);
    for (let count = 0; count < 10; count += 1) await client.reviewAccess(ALICE, GET_METRICS);
    // A second one where the first was not yet known to be free.
    assert.ok(server.connections() <= 2, `${server.connections()} connections`);
  });

  it('asks below the path of a server that has one', async (t) => {
    const server = await startFakeApiServer(t, (_request, response) => allow(response));
    const client = createClusterClient(connectTo(t, `${server.url}/k8s/clusters/c1/`));
    await client.reviewAccess(ALICE, GET_METRICS);
    assert.equal(
      server.requests[0]?.path,
      '/k8s/clusters/c1/apis/authorization.k8s.io/v1/subjectaccessreviews',
    );
  });
});

async function setUpWithoutServer(t: TestContext): Promise<Omit<Setup, 'server'>> {
  const clock = new TestClock();
  // Port 1 is reserved and nobody's.
  return { clock, client: createClusterClient(connectTo(t, 'http://127.0.0.1:1'), { clock }) };
}
