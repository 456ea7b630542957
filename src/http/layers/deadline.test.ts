import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { isObject, parseJson, stringMember } from '../../model/json.ts';
import { UNSECURED } from '../auth/user.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve } from '../testing/serve.ts';
import { serveLayers } from '../testing/serve-layers.ts';
import { deadline } from './deadline.ts';

/** Long enough that no test lives to see it. */
const NEVER_MS = 600_000;

test('what takes too long is answered by 504, and its work is told to stop', async (t) => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<unknown>();
  const ask = await serveLayers(t, deadline(NEVER_MS), async (ctx) => {
    const { signal } = ctx.state;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    stop(signal?.reason);
    // Too late: this must not reach the client, and must not break anything.
    ctx.body = 'too late';
    throw new Error('too late');
  });
  const answer = await ask('/?timeout=5ms');
  assert.equal(answer.code, 504);
  const status = parseJson(answer.body);
  assert.ok(isObject(status));
  assert.equal(status['reason'], 'Timeout');
  assert.match(stringMember(status, 'message') ?? '', /not ready in time/);
  assert.ok((await stopped) instanceof Error);
  assert.equal((await ask('/?timeout=6ms')).code, 504, 'the server goes on');
});

test('a client that goes away stops the work', async (t) => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<unknown>();
  const client = new AbortController();
  const ask = await serveLayers(t, deadline(NEVER_MS), async (ctx) => {
    const { signal } = ctx.state;
    signal?.addEventListener('abort', () => stop(signal.reason), { once: true });
    client.abort();
    await stopped;
  });
  await assert.rejects(ask('/', {}, client.signal));
  assert.match(String(await stopped), /client is gone/);
});

test('what is in time is answered, whatever the client allows', async (t) => {
  const ask = await serveLayers(t, deadline(NEVER_MS), (ctx) => {
    ctx.body = String(ctx.state.signal?.aborted);
  });
  for (const query of ['', '?timeout=', '?timeout=0s', '?timeout=30s', '?timeout=99h']) {
    assert.equal((await ask(`/${query}`)).body, 'false', query);
  }
  assert.equal((await ask('/?timeout=soon')).code, 400);
});

test('an answer that its reader has not taken when deadline and grace are over is cut', async (t) => {
  const closed = Promise.withResolvers<boolean>();
  let server = { address: '', port: 0 };
  const ask = await serveLayers(t, deadline(NEVER_MS, 1), (ctx) => {
    if (ctx.path === '/large') {
      ctx.res.once('close', () => closed.resolve(ctx.res.writableFinished));
      ctx.body = Buffer.alloc(32 * 1024 * 1024);
    }
    const { localAddress = '', localPort = 0 } = ctx.req.socket;
    server = { address: localAddress, port: localPort };
  });
  await ask('/');
  const slow = connect(server.port, server.address);
  t.after(() => slow.destroy());
  await once(slow, 'connect');
  slow.write('GET /large?timeout=5ms HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal(await closed.promise, false);
});

test('a client that goes away is no fault: no error in the log, no 500 in the metrics', async (t) => {
  const path = '/apis/kubeprovenance.cloudark.io/v1/namespaces/payments/deployments/api/versions';
  const arrived = Promise.withResolvers<void>();
  const never = Promise.withResolvers<never>();
  const { ask, log, url } = await serve(t, fixtureReader(), {
    access: {
      authenticate: (request) => {
        if (request.url !== path) return Promise.resolve(UNSECURED);
        arrived.resolve();
        return never.promise;
      },
      authorize: () => Promise.resolve({ allowed: true, reason: '' }),
    },
  });
  const { hostname, port } = new URL(url);
  const client = connect(Number(port), hostname);
  client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await arrived.promise;
  client.destroy();
  while (!log.some((line) => line.includes('"msg":"request"'))) await new Promise(setImmediate);
  never.reject(new Error('late'));
  const { body } = await ask('/metrics');
  assert.match(body, /duration_seconds_count\{route="",code="499"\} 1\n/);
  assert.doesNotMatch(body, /code="500"/);
  assert.deepEqual(
    log.filter((line) => !line.startsWith('{"level":20')),
    [],
  );
});
