/** The program as a process: how it begins, ends, and says what is wrong. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { request } from 'undici';
import { CertificateAuthority } from './cluster/pki.ts';
import { KubeprovenanceProcess } from './kubeprovenance-process.ts';

const root = join(import.meta.dirname, '../..');

/** Runs to its end, which must come by itself. */
function run(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr, signal } = spawnSync(process.execPath, ['src/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(signal, null, 'it ended by itself');
  return { code: status, stdout, stderr };
}

describe('kubeprovenance', () => {
  it('explains itself', () => {
    for (const args of [['--help'], ['serve', '--help'], ['index', '--help']]) {
      const { code, stdout } = run(...args);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: kubeprovenance/);
    }
  });

  it('says what is wrong in one line, without a stack', () => {
    for (const args of [
      ['index', '/no/such/audit.log'],
      ['index'],
      ['serve', '--listen', '0.0.0.0:8080'],
      ['serve', '--no-such-option'],
      ['serve', '--kubeconfig', 'x'],
      ['serve', '--requestheader-allowed-names', 'x'],
      ['serve', '--secure-port', '0', '--requestheader-allowed-names', 'x'],
      ['serve', '--secure-port', '0', '--authorization-always-allow-paths', '/a*b'],
      ['serve', '--secure-port', '0'],
      ['index', '--data-dir', '/dev/null/x', 'fixtures/payments-week.log.gz'],
    ]) {
      const { code, stderr } = run(...args);
      assert.notEqual(code, 0, args.join(' '));
      assert.match(stderr, /^(?:kubeprovenance|error): .+/);
      assert.doesNotMatch(stderr, /\n\s+at /);
    }
  });

  it('ends when it cannot listen', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { code, stderr } = run('serve', '--demo', '--listen', `127.0.0.1:${address.port}`);
    assert.equal(code, 1);
    assert.match(stderr, /^kubeprovenance: .*EADDRINUSE.*--listen.*\n$/);
  });

  it('waits for the cluster without listening, and ends when it is told to', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeprovenance-'));
    t.after(() => rm(folder, { recursive: true }));
    const authority = await CertificateAuthority.create(folder, 'ca');
    const { cert, key } = await authority.issue({ commonName: 'server', serverNames: ['DNS:localhost'] });
    // A log of which something is always missing, and a cluster that is not there.
    const log = join(folder, 'audit.log');
    await writeFile(log, '{"kind":"Event"');
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const tls = ['--secure-port', '0', '--tls-cert-file', cert, '--tls-private-key-file', key];
    const child = spawn(
      process.execPath,
      ['src/main.ts', 'serve', '--audit-log', log, ...tls, '--kubeconfig', kubeconfig],
      { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = once(child, 'close');
    let said = '';
    for await (const text of child.stderr.setEncoding('utf8')) {
      const waited = said.includes('is not kept fresh');
      said += String(text);
      // Once: a second signal ends it without ceremony.
      if (!waited && said.includes('is not kept fresh')) child.kill('SIGTERM');
    }
    assert.deepEqual(await ended, [0, null]);
    assert.match(said, /"msg":"stopped"/);
    assert.doesNotMatch(said, /listening/);
  });

  it('says how to hand on a path through npm', () => {
    for (const { args, env } of [
      { args: ['audit.log'], env: {} },
      { args: [], env: { npm_config_audit_log: 'audit.log' } },
    ]) {
      const { status, stderr } = spawnSync(process.execPath, ['src/main.ts', 'serve', '--demo', ...args], {
        cwd: root,
        encoding: 'utf8',
        timeout: 30_000,
        env: { ...process.env, ...env },
      });
      assert.equal(status, 2);
      assert.match(stderr, /^kubeprovenance: .*npm start -- --audit-log audit\.log\n$/);
    }
  });

  it('takes a path behind --ignore-resource', () => {
    const { code, stdout } = run('index', '--ignore-resource', '', 'fixtures/payments-week.log.gz');
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /dropped: policy/);
  });

  it('hints that a log without an event may be something else', () => {
    const { code, stderr } = run('index', 'LICENSE');
    assert.equal(code, 0);
    assert.equal(stderr, 'hint: no audit event in LICENSE: is this an audit log?\n');
  });

  it('ends quietly when nobody reads what it prints', async () => {
    for (const args of [
      ['index', 'fixtures/payments-week.log.gz'],
      ['serve', '--demo', '--listen', '127.0.0.1:0'],
    ]) {
      const child = spawn(process.execPath, ['src/main.ts', ...args], { cwd: root, timeout: 30_000 });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      await once(child, 'close');
      assert.equal(child.signalCode, null, 'it ended by itself');
      assert.equal(child.exitCode, 0);
      assert.doesNotMatch(stderr, /EPIPE|\n\s+at /);
    }
  });

  it('ends an interrupted index as the shell expects', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const child = spawn(process.execPath, ['src/main.ts', 'index', '-'], { cwd: root, timeout: 30_000 });
      // More than a pipe holds: once it is all taken, the command is at work.
      const taken = Promise.withResolvers<void>();
      child.stdin.write('\n'.repeat(8_000_000), () => taken.resolve());
      await taken.promise;
      child.kill(signal);
      await once(child, 'close');
      assert.equal(child.exitCode, code);
    }
  });

  it('refuses a foreign host', async () => {
    const server = await KubeprovenanceProcess.serve('--demo');
    const { statusCode } = await request(server.url, { headers: { host: 'evil.example' } });
    assert.equal(statusCode, 403);
    assert.equal(await server.stop(), 0);
  });

  it('serves nothing without a source, and says so', async () => {
    const server = await KubeprovenanceProcess.serve();
    assert.deepEqual(await server.get('sources'), {
      kind: 'SourceList',
      apiVersion: 'kubeprovenance.cloudark.io/v1',
      metadata: {},
      items: [],
    });
    await assert.rejects(server.get('activities'), /404 .*--audit-log/);
    assert.equal(await server.stop(), 0);
  });

  it('serves the recorded log on request, and ends with 0 when told to', async () => {
    const server = await KubeprovenanceProcess.serve('--demo');
    const source = await server.until(({ bytesBehind, events }) => bytesBehind === 0 && events > 0);
    assert.equal(source.events, 4747);
    assert.equal(await server.stop(), 0);
  });
});
