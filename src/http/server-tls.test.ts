import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { text } from 'node:stream/consumers';
import Koa from 'koa';
import { startServer, type RunningServer, type TlsOptions } from './server.ts';
import { tlsClient } from './testing/ask-tls.ts';
import { createAuthority, userSubject } from './testing/certificates.ts';

const authority = await createAuthority('server-ca');
const first = await authority.issue({ subject: userSubject('first'), use: 'serverAuth' });
const second = await authority.issue({ subject: userSubject('second'), use: 'serverAuth' });

async function serve(t: TestContext, tls: Partial<TlsOptions> = {}): Promise<RunningServer> {
  const server = await startServer(
    new Koa().use((ctx) => void (ctx.body = 'ok')),
    { host: '127.0.0.1', port: 0, drainMs: 1000, tls: { credentials: { ...first, caPem: '' }, ...tls } },
  );
  t.after(() => server.close());
  return server;
}

/** Which certificate a new connection is shown. */
async function shownTo(t: TestContext, url: string): Promise<string | undefined> {
  const { socket } = await tlsClient(t, url, {
    connect: { ca: authority.certPem, rejectUnauthorized: true },
  }).ask();
  return socket.getPeerX509Certificate()?.subject;
}

test('it serves over TLS, which a client can verify', async (t) => {
  const server = await serve(t);
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await shownTo(t, server.url), 'CN=first');
});

test('new credentials count for new connections, and old ones go on', async (t) => {
  const server = await serve(t);
  const old = tlsClient(t, server.url);
  const before = await old.ask();
  server.setCredentials({ ...second, caPem: '' });
  const after = await old.ask();
  assert.equal(after.socket, before.socket);
  assert.equal(after.code, 200);
  assert.equal(await shownTo(t, server.url), 'CN=second');
});

test('credentials that are not good leave those before', async (t) => {
  const server = await serve(t);
  assert.throws(() => server.setCredentials({ ...second, certPem: first.certPem, caPem: '' }));
  assert.throws(() => server.setCredentials({ ...second, caPem: 'x' }));
  assert.equal(await shownTo(t, server.url), 'CN=first');
  const bad = { credentials: { ...first, keyPem: second.keyPem, caPem: '' } };
  await assert.rejects(startServer(new Koa(), { host: '127.0.0.1', port: 0, tls: bad }));
});

test('clients are told which CAs they may have a certificate of, and new ones after a change', async (t) => {
  const users = await createAuthority('users-ca');
  const alice = await users.issue({ subject: userSubject('alice') });
  const authorized: boolean[] = [];
  const app = new Koa().use((ctx) => {
    authorized.push('authorized' in ctx.socket && ctx.socket.authorized === true);
    ctx.body = 'ok';
  });
  const tls = { credentials: { ...first, caPem: '' } };
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 1000, tls });
  t.after(() => server.close());
  await tlsClient(t, server.url, { identity: alice }).ask();
  server.setCredentials({ ...first, caPem: users.certPem });
  await tlsClient(t, server.url, { identity: alice }).ask();
  assert.deepEqual(authorized, [false, true]);
});

test('old versions of TLS are refused, and told of', async (t) => {
  const failed = Promise.withResolvers<Error>();
  const server = await serve(t, { onHandshakeError: failed.resolve });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(tlsClient(t, server.url, { connect: old }).ask());
  assert.match((await failed.promise).message, /unsupported protocol/);
});

test('what is not TLS gets no answer', async (t) => {
  const failed = Promise.withResolvers<Error>();
  const server = await serve(t, { onHandshakeError: failed.resolve });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.doesNotMatch(await text(socket), /HTTP/);
  assert.match((await failed.promise).message, /http request/);
});

test('a handshake that does not end is ended', async (t) => {
  const failed = Promise.withResolvers<NodeJS.ErrnoException>();
  const server = await serve(t, { onHandshakeError: failed.resolve, handshakeMs: 1 });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await text(socket);
  assert.equal((await failed.promise).code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
});

test('a client may not negotiate anew', async (t) => {
  const server = await serve(t);
  const port = Number(new URL(server.url).port);
  const socket = connectTls({ port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  socket.on('error', resolve);
  socket.renegotiate({ rejectUnauthorized: false }, resolve);
  assert.match((await promise)?.message ?? '', /no renegotiation/);
  socket.destroy();
});

test('what is not HTTP gets a Status', async (t) => {
  const server = await serve(t);
  const socket = connectTls({ port: Number(new URL(server.url).port), rejectUnauthorized: false });
  socket.write('garbage\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 400 Bad Request\r\n.*"code":400\}\n$/s);
});

test(
  'closing finishes the answer under way, and ends idle connections and handshakes',
  { timeout: 20_000 },
  async () => {
    const arrived = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const app = new Koa().use(async (ctx) => {
      if (ctx.path === '/slow') {
        arrived.resolve();
        await told.promise;
      }
      ctx.body = 'done';
    });
    const server = await startServer(app, {
      host: '127.0.0.1',
      port: 0,
      tls: { credentials: { ...first, caPem: '' }, handshakeMs: 100_000 },
    });
    const port = Number(new URL(server.url).port);
    const shaking = connect(port, '127.0.0.1');
    const idle = connectTls({ port, rejectUnauthorized: false });
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const busy = connectTls({ port, rejectUnauthorized: false });
    busy.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await arrived.promise;
    const closing = server.close();
    await Promise.all([text(idle), text(shaking)]);
    told.resolve();
    assert.match(await text(busy), /^HTTP\/1\.1 200 OK\r\n.*Connection: close\r\n.*\r\n\r\ndone$/is);
    await closing;
  },
);

test('the certificate is changed under load, and no request fails', async (t) => {
  const server = await serve(t);
  const subjects = new Set<string>();
  let left = 60;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { code, socket } = await tlsClient(t, server.url).ask();
      assert.equal(code, 200);
      subjects.add(new X509Certificate(socket.getPeerCertificate().raw).subject);
      server.setCredentials({ ...(left % 2 === 0 ? first : second), caPem: '' });
    }
  };
  await Promise.all(Array.from({ length: 6 }, work));
  assert.deepEqual([...subjects].sort(), ['CN=first', 'CN=second']);
});
