import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import Koa from 'koa';
import { request } from 'undici';
import { startServer } from './server.ts';

/** A connection to a server, made. */
async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket;
}

/** An app that answers each request once it is told to. */
function patientApp(): { app: Koa; asked: () => Promise<void>; answer: () => void } {
  const app = new Koa();
  const arrived = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  app.use(async (ctx) => {
    arrived.resolve();
    await told.promise;
    ctx.body = 'done';
  });
  return { app, asked: () => arrived.promise, answer: () => told.resolve() };
}

test('the URL says where it listens', async () => {
  const server = await startServer(new Koa(), { host: '127.0.0.1', port: 0 });
  assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await request(server.url)).statusCode, 404);
  await server.close();
  await assert.rejects(request(server.url), { code: 'ECONNREFUSED' });
});

test('an address that is taken is an error', async (t) => {
  const server = await startServer(new Koa(), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const port = Number(new URL(server.url).port);
  await assert.rejects(startServer(new Koa(), { host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
});

test('closing finishes the answer under way, closes its connection, and ends idle ones', async () => {
  const { app, asked, answer } = patientApp();
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  const idle = await connected(server.url);
  const busy = await connected(server.url);
  busy.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked();
  const closing = server.close();
  assert.equal(server.close(), closing, 'a second call waits for the same end');
  answer();
  const answered = await text(busy);
  assert.match(answered, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(answered, /\r\nConnection: close\r\n/i);
  assert.match(answered, /\r\n\r\ndone$/);
  await closing;
  await text(idle);
});

test('an answer that outlasts the limit is cut off', async () => {
  const { app, asked } = patientApp();
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 1 });
  const busy = await connected(server.url);
  busy.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await asked();
  await server.close();
  assert.equal(await text(busy), '');
});

test('400 groups in the headers pass; what is larger than the limit gets a Status', async (t) => {
  const server = await startServer(
    new Koa().use((ctx) => void (ctx.body = 'ok')),
    { host: '127.0.0.1', port: 0 },
  );
  t.after(() => server.close());
  const groups = Array.from({ length: 400 }, (_, index) => `group-${index}-${'x'.repeat(100)}`);
  const { statusCode } = await request(server.url, { headers: { 'x-remote-group': groups } });
  assert.equal(statusCode, 200);
  const large = await connected(server.url);
  large.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(300 * 1024)}`);
  assert.match(await text(large), /^HTTP\/1\.1 431 .*\r\n\r\n\{"kind":"Status".*"code":431\}\n$/s);
});

test('what is not HTTP gets a Status', async (t) => {
  const server = await startServer(new Koa(), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const socket = await connected(server.url);
  socket.write('garbage\r\n\r\n');
  const answer = await text(socket);
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.match(answer, /\r\nContent-Type: application\/json\r\n/);
  assert.match(answer, /"message":"the request is not HTTP\/1\.1","code":400\}\n$/);
});

test('an answer that its reader takes slowly is not cut by closing', async () => {
  const body = Buffer.alloc(32 * 1024 * 1024, 'x');
  const server = await startServer(
    new Koa().use((ctx) => void (ctx.body = body)),
    { host: '127.0.0.1', port: 0 },
  );
  const slow = await connected(server.url);
  slow.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(slow, 'readable');
  const closing = server.close();
  const answered = await text(slow);
  assert.equal(answered.length - answered.indexOf('\r\n\r\n') - 4, body.length);
  await closing;
});

test('a request that comes on an idle connection while the server lingers is answered, and the last there', async () => {
  const server = await startServer(
    new Koa().use((ctx) => void (ctx.body = 'ok')),
    { host: '127.0.0.1', port: 0, lingerMs: 60_000 },
  );
  const socket = await connected(server.url);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  const closing = server.close();
  await assert.rejects(connected(server.url), { code: 'ECONNREFUSED' });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 200 OK\r\n(.*\r\n)?Connection: close\r\n/is);
  await closing;
});

test('a plain server takes no credentials', async (t) => {
  const server = await startServer(new Koa(), { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  assert.throws(() => server.setCredentials({ certPem: '', keyPem: '', caPem: '' }), /plain server/);
});
