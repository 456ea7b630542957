import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import { test, type TestContext } from 'node:test';
import { pino, type Logger } from 'pino';
import { createAuthority, userSubject, type IssuedCertificate } from './testing/certificates.ts';
import {
  followCaFile,
  followKeyPair,
  type Followed,
  type FollowOptions,
  type KeyPair,
  type Occasions,
} from './tls-files.ts';

const authority = await createAuthority('server-ca');
const first = await authority.issue({ subject: userSubject('first'), use: 'serverAuth' });
const second = await authority.issue({ subject: userSubject('second'), use: 'serverAuth' });
const third = await authority.issue({ subject: userSubject('third'), use: 'serverAuth' });

interface Scene {
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Messages of the log, with what the problem was. */
  readonly log: readonly string[];
  readonly changes: readonly KeyPair[];
  readonly options: FollowOptions<KeyPair>;
}

const never: Occasions = () => () => undefined;

function logInto(log: string[]): Logger {
  return pino(
    { level: 'info' },
    {
      write: (line: string) => {
        const { msg, problem = '' } = Object(JSON.parse(line));
        log.push(`${msg} ${problem}`.trim());
      },
    },
  );
}

/** A folder with the first pair in it, for one test. */
async function scene(t: TestContext): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeprovenance-tls-'));
  t.after(() => rm(folder, { recursive: true }));
  const certFile = join(folder, 'tls.crt');
  const keyFile = join(folder, 'tls.key');
  await writePair({ certFile, keyFile }, first);
  const log: string[] = [];
  const changes: KeyPair[] = [];
  const options = {
    logger: logInto(log),
    onChange: (pair: KeyPair) => void changes.push(pair),
    occasions: never,
  };
  return { folder, certFile, keyFile, log, changes, options };
}

async function writePair(
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
  { certPem, keyPem }: IssuedCertificate,
): Promise<void> {
  await writeFile(certFile, certPem);
  await writeFile(keyFile, keyPem);
}

test('a new pair counts once both of its files are there; the state between is told of once', async (t) => {
  const { certFile, keyFile, log, changes, options } = await scene(t);
  const pair = await followKeyPair(certFile, keyFile, options);
  assert.deepEqual(pair.current(), first);
  await pair.check();
  assert.deepEqual([changes, log], [[], []], 'nothing changed');

  await writeFile(certFile, second.certPem);
  await pair.check();
  await pair.check();
  assert.deepEqual(pair.current(), first);
  await writeFile(keyFile, second.keyPem.slice(0, 60));
  await pair.check();
  assert.deepEqual(pair.current(), first);
  await writeFile(keyFile, second.keyPem);
  await pair.check();
  assert.deepEqual(pair.current(), second);
  assert.deepEqual(changes, [second]);
  assert.equal(log.length, 3);
  assert.match(log[0] ?? '', /what was read before stays the key is not the certificate/);
  assert.match(log[1] ?? '', /what was read before stays ./);
  assert.equal(log[2], 'files of TLS were read again');
  assert.doesNotMatch(log.join(''), /PRIVATE|MIG/);
});

test('a file that is away changes nothing, and may come back', async (t) => {
  const { certFile, keyFile, log, changes, options } = await scene(t);
  const pair = await followKeyPair(certFile, keyFile, options);
  await rm(certFile);
  await pair.check();
  await pair.check();
  assert.deepEqual(pair.current(), first);
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /ENOENT/);
  await writeFile(certFile, first.certPem);
  await pair.check();
  assert.deepEqual(changes, []);
  await rm(certFile);
  await pair.check();
  assert.equal(log.length, 2, 'that it happens again is told again');
});

test('what could not be put to use is tried again', async (t) => {
  const { certFile, keyFile, options } = await scene(t);
  const tried: unknown[] = [];
  const onChange = (): void => {
    if (tried.push(pair.current()) === 1) throw new Error('not now');
  };
  const pair: Followed<KeyPair> = await followKeyPair(certFile, keyFile, { ...options, onChange });
  await writePair({ certFile, keyFile }, second);
  await pair.check();
  assert.deepEqual(pair.current(), first);
  await pair.check();
  assert.deepEqual(pair.current(), second);
  assert.deepEqual(tried, [second, second]);
});

test('an occasion leads to a reading; those that come before it begins share it', async (t) => {
  const { certFile, keyFile, changes, options } = await scene(t);
  const events = new EventEmitter();
  const occasions: Occasions = (paths, occasion) => {
    assert.deepEqual(paths, [certFile, keyFile]);
    events.on('occasion', occasion);
    return () => events.off('occasion', occasion);
  };
  const pair = await followKeyPair(certFile, keyFile, { ...options, occasions });
  await writePair({ certFile, keyFile }, second);
  events.emit('occasion');
  const check = pair.check();
  assert.equal(pair.check(), check);
  await check;
  await writePair({ certFile, keyFile }, third);
  const [one, other] = [pair.check(), pair.check()];
  await Promise.all([one, other]);
  assert.deepEqual(changes, [second, third]);
  pair.close();
  assert.equal(events.listenerCount('occasion'), 0);
});

test('a first pair that is not good is an error that names its files', async (t) => {
  const { certFile, keyFile, options } = await scene(t);
  await assert.rejects(followKeyPair(certFile, join(keyFile, 'x'), options), { code: 'ENOTDIR' });
  await writeFile(keyFile, second.keyPem);
  await assert.rejects(followKeyPair(certFile, keyFile, options), (error: Error) => {
    assert.equal(error.message, `${certFile} and ${keyFile}: the key is not the certificate’s`);
    return true;
  });
  await writeFile(certFile, '');
  await assert.rejects(followKeyPair(certFile, keyFile, options), /it holds no PEM certificate/);
});

test('a bundle of CAs is followed alike', async (t) => {
  const { certFile: file, options } = await scene(t);
  const log: string[] = [];
  const cas: string[] = [];
  const ca = await followCaFile(file, {
    ...options,
    logger: logInto(log),
    onChange: (pem) => void cas.push(pem),
  });
  await writeFile(file, 'x');
  await ca.check();
  assert.equal(ca.current(), first.certPem);
  assert.match(log[0] ?? '', /it holds no PEM certificate$/);
  await writeFile(file, authority.certPem);
  await ca.check();
  assert.deepEqual([ca.current(), cas], [authority.certPem, [authority.certPem]]);
});

test(
  'the folder is watched: a mounted Secret whose link is swapped is read at once',
  { timeout: 20_000 },
  async (t) => {
    const { folder } = await scene(t);
    for (const [name, pair] of [
      ['..1', first],
      ['..2', second],
    ] as const) {
      await mkdir(join(folder, name));
      await writePair({ certFile: join(folder, name, 'a.crt'), keyFile: join(folder, name, 'a.key') }, pair);
    }
    await symlink('..1', join(folder, '..data'));
    const [certFile, keyFile] = [join(folder, 'a.crt'), join(folder, 'a.key')];
    await symlink('..data/a.crt', certFile);
    await symlink('..data/a.key', keyFile);
    const events = new EventEmitter();
    const changed = once(events, 'change');
    const pair = await followKeyPair(certFile, keyFile, {
      logger: pino({ level: 'silent' }),
      onChange: (next) => events.emit('change', next),
    });
    t.after(() => pair.close());
    await symlink('..2', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    assert.deepEqual(await changed, [second]);
  },
);
