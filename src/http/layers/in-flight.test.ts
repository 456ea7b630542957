import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import Koa from 'koa';
import { pino } from 'pino';
import { request } from 'undici';
import { ANONYMOUS, MASTERS_GROUP, UNSECURED, type User } from '../auth/user.ts';
import type { RequestState } from '../context.ts';
import { startServer } from '../server.ts';
import { serveLayers } from '../testing/serve-layers.ts';
import { limitInFlight } from './in-flight.ts';
import { refuse } from './refuse.ts';
import { whoAsks } from './who-asks.ts';

const USERS: Readonly<Record<string, User>> = {
  anonymous: ANONYMOUS,
  unsecured: UNSECURED,
  aggregator: { ...ANONYMOUS, name: 'system:kube-aggregator', groups: [MASTERS_GROUP] },
};

const access = whoAsks({
  authenticate: ({ headers }) => Promise.resolve(USERS[String(headers['x-user'])] ?? ANONYMOUS),
  authorize: () => Promise.resolve({ allowed: true, reason: '' }),
});

test('one too many is told to come again; the aggregator and probes always get in', async (t) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
  const { promise: full, resolve: fill } = Promise.withResolvers<undefined>();
  let entered = 0;
  const ask = await serveLayers(t, access, limitInFlight(2), async (ctx) => {
    if (ctx.path === '/slow') {
      entered += 1;
      if (entered === 2) fill(undefined);
      await opened;
    }
    ctx.body = 'done';
  });
  const slow = [ask('/slow'), ask('/slow', { 'x-user': 'unsecured' })];
  await full;
  for (const user of ['anonymous', 'unsecured']) {
    const refused = await ask('/quick', { 'x-user': user });
    assert.equal(refused.code, 429);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.body, /"reason":"TooManyRequests".*"retryAfterSeconds":1/);
  }
  assert.equal((await ask('/quick', { 'x-user': 'aggregator' })).body, 'done');
  assert.equal((await ask('/readyz')).body, 'done');
  open(undefined);
  for (const answer of await Promise.all(slow)) assert.equal(answer.body, 'done');
  assert.equal((await ask('/quick')).body, 'done');
});

test('a request that fails gives its place back', async (t) => {
  const ask = await serveLayers(t, access, limitInFlight(1), (ctx) => {
    if (ctx.path === '/broken') throw new Error('broken');
    ctx.body = 'done';
  });
  assert.equal((await ask('/broken')).code, 500);
  assert.equal((await ask('/fine')).code, 200);
});

/** Larger than what the two ends of a connection hold for each other. */
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x');

async function connected(t: TestContext, url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** An app with place for one, whose `/large` is answered at once, but takes its reader a while. */
async function serveLarge(t: TestContext): Promise<string> {
  const app = new Koa<RequestState>();
  app.on('error', () => undefined);
  app.use(refuse(pino({ level: 'silent' })));
  app.use(access);
  app.use(limitInFlight(1));
  app.use((ctx) => {
    ctx.body = ctx.path === '/large' ? LARGE : 'done';
  });
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 1000 });
  t.after(() => server.close());
  return server.url;
}

test('an answer that waits for its reader keeps its place', async (t) => {
  const url = await serveLarge(t);
  const slow = await connected(t, url);
  slow.write('GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await once(slow, 'readable');
  assert.equal((await request(`${url}/quick`)).statusCode, 429);
  assert.ok((await text(slow)).length > LARGE.length);
  assert.equal((await request(`${url}/quick`)).statusCode, 200);
});

test('an answer whose reader goes away gives its place back, and so do those that wait behind it', async (t) => {
  const url = await serveLarge(t);
  const slow = await connected(t, url);
  slow.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /quick HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(slow, 'readable');
  assert.equal((await request(`${url}/quick`)).statusCode, 429);
  slow.destroy();
  // The server learns of it when it does, but surely while it is asked so often.
  for (let tries = 0; tries < 1000; tries += 1) {
    if ((await request(`${url}/quick`)).statusCode !== 429) break;
  }
  const again = await connected(t, url);
  again.write('GET /quick HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await text(again), /^HTTP\/1\.1 200 /);
});

test('who has gone while they were authenticated takes no place', async (t) => {
  const arrived = Promise.withResolvers<Socket>();
  const lost = Promise.withResolvers<void>();
  const patient = whoAsks({
    authenticate: async ({ socket, url = '' }) => {
      if (url === '/gone') {
        arrived.resolve(socket);
        await once(socket, 'close');
        lost.resolve();
      }
      return ANONYMOUS;
    },
    authorize: () => Promise.resolve({ allowed: true, reason: '' }),
  });
  const ask = await serveLayers(t, patient, limitInFlight(1), (ctx) => void (ctx.body = 'done'));
  const client = new AbortController();
  const gone = assert.rejects(ask('/gone', {}, client.signal));
  await arrived.promise;
  client.abort();
  await Promise.all([gone, lost.promise]);
  await new Promise(setImmediate);
  assert.equal((await ask('/quick')).body, 'done');
});
