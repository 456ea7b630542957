import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import Koa from 'koa';
import { pino } from 'pino';
import { StatusError } from '../status.ts';
import { startServer, type RunningServer } from '../server.ts';
import { tlsClient, type RawHeaders, type TlsAnswer } from '../testing/ask-tls.ts';
import { createAuthority, userSubject, type IssuedCertificate } from '../testing/certificates.ts';
import {
  clientCaBundle,
  REQUEST_HEADER_DEFAULTS,
  type AuthenticationConfig,
} from './authentication-config.ts';
import type { TokenReviewResult } from './bearer-token.ts';
import { createAuthenticator, type AuthenticatorOptions } from './authenticator.ts';

const serverCa = await createAuthority('server-ca');
const proxyCa = await createAuthority('front-proxy-ca');
const usersCa = await createAuthority('users-ca');
const otherCa = await createAuthority('other-ca');

const serving = await serverCa.issue({ subject: userSubject('server'), use: 'serverAuth' });
const proxy = await proxyCa.issue({ subject: userSubject('front-proxy-client') });
const alice = await usersCa.issue({ subject: userSubject('alice', 'devs', 'ops, east') });

const CONFIG: AuthenticationConfig = {
  requestHeader: {
    ...REQUEST_HEADER_DEFAULTS,
    clientCa: proxyCa.certPem,
    allowedNames: ['front-proxy-client'],
    uidHeaders: ['X-Remote-Uid'],
  },
  clientCa: usersCa.certPem,
};

const BOB: RawHeaders = [
  ['X-Remote-User', 'bob'],
  ['X-Remote-Group', 'devs'],
];
const ANONYMOUS = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'], extra: {} };

interface Scene {
  readonly server: RunningServer;
  readonly log: readonly string[];
  /** Who the server takes a request of a new connection for. */
  readonly whoIs: (identity: IssuedCertificate | undefined, headers?: RawHeaders) => Promise<unknown>;
}

/** An app that answers with who asked. */
function whoAmI(options: AuthenticatorOptions): Koa {
  const authenticate = createAuthenticator(options);
  return new Koa().use(async (ctx) => {
    try {
      const { extra, ...user } = await authenticate(ctx.req);
      ctx.body = { ...user, extra: Object.fromEntries(extra) };
    } catch (error) {
      assert.ok(error instanceof StatusError);
      ctx.status = error.reason === 'TooManyRequests' ? 429 : 401;
      if (ctx.status === 429) return;
      assert.equal(error.reason, 'Unauthorized');
      assert.equal(error.message, 'Unauthorized');
    }
  });
}

function userOf({ code, body }: TlsAnswer): unknown {
  const user: unknown = code === 200 ? JSON.parse(body) : code;
  return user;
}

async function serve(t: TestContext, made: Partial<AuthenticatorOptions> = {}): Promise<Scene> {
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
  const options = { config: () => CONFIG, reviewToken: undefined, logger, nowMs: Date.now, ...made };
  const server = await startServer(whoAmI(options), {
    host: '127.0.0.1',
    port: 0,
    drainMs: 1000,
    tls: { credentials: { ...serving, caPem: clientCaBundle(options.config()) } },
  });
  t.after(() => server.close());
  return {
    server,
    log,
    async whoIs(identity, headers = []) {
      return userOf(await tlsClient(t, server.url, { identity }).ask(headers));
    },
  };
}

test('the front proxy names the user, with repeated groups, bytes of UTF-8, uid and extra', async (t) => {
  const { whoIs } = await serve(t);
  const user = await whoIs(proxy, [
    ['X-Remote-User', 'zoë'],
    ['X-Remote-Uid', 'u-1'],
    ['x-remote-group', 'devs, east'],
    ['X-Remote-Group', 'ops'],
    ['X-Remote-Extra-Scopes', 'a, b'],
    ['X-Remote-Extra-Scopes', 'c'],
    ['X-Remote-Extra-Authentication.kubernetes.io%2fCredential-Id', 'X509SHA256=1'],
  ]);
  assert.deepEqual(user, {
    name: 'zoë',
    uid: 'u-1',
    groups: ['devs, east', 'ops', 'system:authenticated'],
    extra: { scopes: ['a, b', 'c'], 'authentication.kubernetes.io/credential-id': ['X509SHA256=1'] },
  });
});

test('3000 groups arrive, and what stands behind them', async (t) => {
  const { whoIs } = await serve(t);
  const groups = Array.from({ length: 3000 }, (_, index) => `group-${index}`);
  const user = await whoIs(proxy, [
    ['X-Remote-User', 'bob'],
    ...groups.map((group) => ['X-Remote-Group', group] as const),
    ['X-Remote-Extra-Scopes', 'limited'],
  ]);
  assert.deepEqual(user, {
    name: 'bob',
    uid: '',
    groups: [...groups, 'system:authenticated'],
    extra: { scopes: ['limited'] },
  });
});

test('without the key for uid headers, a uid is not believed', async (t) => {
  const config = { ...CONFIG, requestHeader: { ...REQUEST_HEADER_DEFAULTS, clientCa: proxyCa.certPem } };
  const { whoIs } = await serve(t, { config: () => config });
  const user = await whoIs(proxy, [...BOB, ['X-Remote-Uid', '0']]);
  assert.deepEqual(user, { name: 'bob', uid: '', groups: ['devs', 'system:authenticated'], extra: {} });
});

test('the aggregator, who sends no groups, is authenticated', async (t) => {
  const { whoIs } = await serve(t);
  const user = await whoIs(proxy, [['X-Remote-User', 'system:aggregator']]);
  assert.deepEqual(user, {
    name: 'system:aggregator',
    uid: '',
    groups: ['system:authenticated'],
    extra: {},
  });
});

test('the front proxy may hand on that somebody is anonymous', async (t) => {
  const { whoIs } = await serve(t);
  const headers: RawHeaders = [
    ['X-Remote-User', 'system:anonymous'],
    ['X-Remote-Group', 'system:unauthenticated'],
  ];
  assert.deepEqual(await whoIs(proxy, headers), ANONYMOUS);
});

test('headers of whoever is not the front proxy name nobody', async (t) => {
  const { whoIs, log } = await serve(t);
  const wrongName = await proxyCa.issue({ subject: userSubject('somebody') });
  const wrongAuthority = await otherCa.issue({ subject: userSubject('front-proxy-client') });
  const sameName = await createAuthority('front-proxy-ca');
  const forged = await sameName.issue({ subject: userSubject('front-proxy-client') });
  const ofAServer = await proxyCa.issue({ subject: userSubject('front-proxy-client'), use: 'serverAuth' });
  assert.deepEqual(await whoIs(undefined, BOB), ANONYMOUS);
  assert.equal(await whoIs(wrongName, BOB), 401);
  assert.equal(await whoIs(wrongAuthority, BOB), 401);
  assert.equal(await whoIs(forged, BOB), 401);
  assert.equal(await whoIs(ofAServer, BOB), 401);
  assert.match(log.join(''), /the common name \\"somebody\\" is not allowed/);
  assert.match(log.join(''), /SELF_SIGNED|UNABLE_TO/, 'the reason is for the log only');
});

test('while a CA is replaced by another of the same name, certificates of both count', async (t) => {
  const oldCa = await createAuthority('ca', true);
  const newCa = await createAuthority('ca', true);
  const before = await oldCa.issue({ subject: userSubject('front-proxy-client') });
  const after = await newCa.issue({ subject: userSubject('front-proxy-client') });
  for (const clientCa of [oldCa.certPem + newCa.certPem, newCa.certPem + oldCa.certPem]) {
    const requestHeader = { ...REQUEST_HEADER_DEFAULTS, clientCa };
    const { whoIs } = await serve(t, { config: () => ({ requestHeader, clientCa: undefined }) });
    assert.equal(Object(await whoIs(before, BOB)).name, 'bob');
    assert.equal(Object(await whoIs(after, BOB)).name, 'bob');
  }
});

test('a front proxy that names nobody, and is no user either, is refused', async (t) => {
  const { whoIs } = await serve(t);
  assert.equal(await whoIs(proxy), 401);
});

test('a client certificate is its own user, whatever the headers say', async (t) => {
  const { whoIs } = await serve(t);
  const asFrontProxy = await usersCa.issue({ subject: userSubject('front-proxy-client') });
  const { fingerprint256 } = new X509Certificate(alice.certPem);
  const credential = `X509SHA256=${fingerprint256.replaceAll(':', '').toLowerCase()}`;
  assert.deepEqual(await whoIs(alice, BOB), {
    name: 'alice',
    uid: '',
    groups: ['devs', 'ops, east', 'system:authenticated'],
    extra: { 'authentication.kubernetes.io/credential-id': [credential] },
  });
  const user = await whoIs(asFrontProxy, BOB);
  assert.equal(Object(user).name, 'front-proxy-client');
});

test('a subject is read by attributes: no value becomes another attribute', async (t) => {
  const { whoIs } = await serve(t);
  const CN = 'eve\nO=system:masters\\, O=system:masters + O=system:masters';
  const sly = await usersCa.issue({ subject: [{ CN: [{ utf8String: CN }], O: [{ utf8String: 'zoë+é' }] }] });
  const several = await usersCa.issue({ subject: [{ CN: ['first'] }, { CN: ['last'] }] });
  const nameless = await usersCa.issue({ subject: [{ O: ['system:masters'] }] });
  const known = await usersCa.issue({ subject: [{ CN: ['dora'] }, { '1.3.6.1.4.1.57683.2': ['u-7'] }] });
  const twoUids = [{ '1.3.6.1.4.1.57683.2': ['u-7'] }, { '1.3.6.1.4.1.57683.2': ['u-8'] }];
  const torn = await usersCa.issue({ subject: [{ CN: ['dora'] }, ...twoUids] });
  const user = await whoIs(sly);
  assert.equal(Object(user).name, CN);
  assert.deepEqual(Object(user).groups, ['zoë+é', 'system:authenticated']);
  assert.equal(Object(await whoIs(several)).name, 'last');
  assert.deepEqual(await whoIs(nameless), 401);
  assert.equal(Object(await whoIs(known)).uid, 'u-7');
  assert.equal(await whoIs(torn), 401);
});

test('intermediates count where they are authorities', async (t) => {
  const { whoIs } = await serve(t);
  const between = await usersCa.intermediate('between');
  const pretender = await usersCa.intermediate('pretender', { isCa: false });
  const good = await between.issue({ subject: userSubject('carol') });
  const bad = await pretender.issue({ subject: userSubject('carol') });
  const noAuthority = { ...bad, certPem: bad.certPem + '\n' + pretender.certPem };
  assert.equal(
    Object(await whoIs({ ...good, certPem: good.certPem + '\n' + between.certPem })).name,
    'carol',
  );
  assert.equal(await whoIs(good), 401, 'the chain is not whole');
  assert.equal(await whoIs(noAuthority), 401);
});

test('a token: good, nobody’s, one that cannot be reviewed, and beside a bad certificate', async (t) => {
  const reviewed: string[] = [];
  const { whoIs, log } = await serve(t, {
    reviewToken: (token) => {
      reviewed.push(token);
      if (token === 'broken') return Promise.reject(new Error('the cluster is away'));
      const user = { name: 'robot', uid: 'u', groups: ['bots'], extra: new Map([['k', ['v']]]) };
      return Promise.resolve(token === 'good' ? { authenticated: true, user } : { authenticated: false });
    },
  });
  const stranger = await otherCa.issue({ subject: userSubject('stranger') });
  const robot = { name: 'robot', uid: 'u', groups: ['bots', 'system:authenticated'], extra: { k: ['v'] } };
  assert.deepEqual(await whoIs(undefined, [['Authorization', 'Bearer good']]), robot);
  assert.deepEqual(await whoIs(stranger, [['Authorization', 'bearer good']]), robot);
  assert.equal(await whoIs(undefined, [['Authorization', 'Bearer s3cret']]), 401);
  assert.equal(await whoIs(undefined, [['Authorization', 'Bearer broken']]), 401);
  assert.deepEqual(await whoIs(undefined, [['Authorization', 'Basic Z29vZDo=']]), ANONYMOUS);
  assert.equal(Object(await whoIs(alice, [['Authorization', 'Bearer s3cret']])).name, 'alice');
  assert.deepEqual(reviewed, ['good', 's3cret', 'broken'], 'what is known is not reviewed again');
  assert.match(log.join(''), /the cluster is away/);
  assert.doesNotMatch(log.join(''), /s3cret/);
});

test('without a review tokens are passed over; without anonymity no credentials are 401', async (t) => {
  const open = await serve(t);
  const strict = await serve(t, { anonymousAuth: false });
  assert.deepEqual(await open.whoIs(undefined, [['Authorization', 'Bearer x']]), ANONYMOUS);
  assert.equal(await strict.whoIs(undefined), 401);
});

test('without any CA no certificate counts, and none is refused', async (t) => {
  const { whoIs } = await serve(t, { config: () => ({ requestHeader: undefined, clientCa: undefined }) });
  assert.deepEqual(await whoIs(alice, BOB), ANONYMOUS);
});

test('on an old connection the CAs and the clock of now count', async (t) => {
  let config = CONFIG;
  let nowMs = Date.now();
  const { server } = await serve(t, { config: () => config, nowMs: () => nowMs });
  const client = tlsClient(t, server.url, { identity: alice });
  const first = await client.ask();
  assert.equal(Object(userOf(first)).name, 'alice');

  config = { ...CONFIG, clientCa: otherCa.certPem };
  const removed = await client.ask();
  assert.equal(removed.socket, first.socket, 'the connection is the same');
  assert.equal(userOf(removed), 401);
  config = { ...CONFIG, clientCa: otherCa.certPem + usersCa.certPem };
  assert.equal(Object(userOf(await client.ask())).name, 'alice');

  nowMs += 2 * 86_400_000;
  const expired = await client.ask();
  assert.equal(expired.socket, first.socket);
  assert.equal(userOf(expired), 401);
  nowMs -= 4 * 86_400_000;
  assert.equal(userOf(await client.ask()), 401, 'nor is it valid before its time');
});

test('a certificate whose CA comes later counts from the next connection on, which comes with the next request', async (t) => {
  let config: AuthenticationConfig = CONFIG;
  const { server } = await serve(t, { config: () => config });
  const dave = await otherCa.issue({ subject: userSubject('dave') });
  const client = tlsClient(t, server.url, { identity: dave });
  const early = await client.ask();
  assert.equal(userOf(early), 401);
  assert.equal(early.headers.connection, 'close');
  config = { ...CONFIG, clientCa: usersCa.certPem + otherCa.certPem };
  server.setCredentials({ ...serving, caPem: clientCaBundle(config) });
  const late = await client.ask();
  assert.notEqual(late.socket, early.socket);
  assert.equal(Object(userOf(late)).name, 'dave');
});

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a ${version} session is not resumed`, async (t) => {
    const { server } = await serve(t);
    const { user, reused } = await resume(t, server.url, version);
    assert.equal(reused, false);
    assert.deepEqual(user, ANONYMOUS);
  });

  test(`on a ${version} session that is resumed without a certificate, headers name nobody`, async (t) => {
    const options = { config: () => CONFIG, reviewToken: undefined, nowMs: Date.now };
    const app = whoAmI({ ...options, logger: pino({ level: 'silent' }) });
    const handle = app.callback();
    const server = createServer(
      {
        cert: serving.certPem,
        key: serving.keyPem,
        ca: clientCaBundle(CONFIG),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => void handle(request, response),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close());
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const { user, reused } = await resume(t, `https://127.0.0.1:${address.port}`, version);
    assert.equal(reused, true);
    assert.deepEqual(user, ANONYMOUS);
  });
}

/** Asks as a forged front proxy on a session that began without a certificate. */
async function resume(
  t: TestContext,
  url: string,
  version: 'TLSv1.2' | 'TLSv1.3',
): Promise<{ user: unknown; reused: boolean }> {
  const connect = { minVersion: version, maxVersion: version };
  let session: Buffer | undefined;
  const first = tlsClient(t, url, { connect });
  const { socket } = await first.ask();
  socket.on('session', (one: Buffer) => (session = one));
  // Tickets of TLS 1.3 come after the handshake; by the second answer they are there.
  await first.ask();
  session ??= socket.getSession();
  const again = tlsClient(t, url, { connect: { ...connect, ...(session && { session }) } });
  const answer = await again.ask(BOB);
  return { user: userOf(answer), reused: answer.socket.isSessionReused() };
}

test('a plain connection has no certificate', async (t) => {
  const options = { config: () => CONFIG, reviewToken: undefined, nowMs: Date.now };
  const app = whoAmI({ ...options, logger: pino({ level: 'silent' }) });
  const server = await startServer(app, { host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const response = await fetch(server.url, { headers: { 'X-Remote-User': 'bob' } });
  assert.deepEqual(await response.json(), ANONYMOUS);
});

test('that too many tokens are under review is told, and is no bad token', async (t) => {
  const reviewToken = (): Promise<never> =>
    Promise.reject(new StatusError('TooManyRequests', 'Too many', [], { retryAfterSeconds: 1 }));
  const { whoIs, log } = await serve(t, { reviewToken });
  assert.equal(await whoIs(undefined, [['Authorization', 'Bearer x']]), 429);
  assert.deepEqual(log, []);
});

test('of many refusals a line every ten seconds is for everybody, with how many there were', async (t) => {
  let nowMs = Date.now();
  const reviewToken = (): Promise<TokenReviewResult> => Promise.resolve({ authenticated: false });
  const { whoIs, log } = await serve(t, { reviewToken, nowMs: () => nowMs });
  const refuse = async (times: number): Promise<void> => {
    for (let index = 0; index < times; index += 1) {
      assert.equal(await whoIs(undefined, [['Authorization', `Bearer ${index}`]]), 401);
    }
  };
  await refuse(3);
  nowMs += 10_000;
  await refuse(2);
  const lines = log.map((line): unknown => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => [Object(line).level, Object(line).refused]),
    [
      [30, 1],
      [20, undefined],
      [20, undefined],
      [30, 3],
      [20, undefined],
    ],
  );
});
