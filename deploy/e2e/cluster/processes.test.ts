import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManagedProcess, runCommand, waitUntil } from './processes.ts';

const cwd = import.meta.dirname;
const node = process.execPath;

test('a command gets its input, and its exit code is a result', async () => {
  const script = 'process.stdin.on("data", d => process.stdout.write(d)).on("end", () => process.exit(3))';
  const result = await runCommand(node, ['-e', script], { cwd, input: 'hello' });
  assert.deepEqual(result, { exitCode: 3, stdout: 'hello', stderr: '' });
});

test('a command that does not exist is an error', async () => {
  await assert.rejects(runCommand('/nowhere/command', [], { cwd }), { code: 'ENOENT' });
});

test('a command that does not end in time is killed, which is an error', async () => {
  const args = ['-e', 'console.error("at work"); setInterval(() => {}, 1000)'];
  await assert.rejects(runCommand(node, args, { cwd, timeoutMs: 500 }), /did not end within 0\.5 s/);
});

test('a process ends with the process that started it, however that ends', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'processes-'));
  t.after(async () => rm(folder, { recursive: true }));
  // A parent that starts a child, says its id and is killed. Only Linux has the means.
  const script = `
    import { ManagedProcess } from ${JSON.stringify(join(cwd, 'processes.ts'))};
    const args = ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'];
    const [folder] = process.argv.slice(1);
    const logPath = folder + '/child.log';
    new ManagedProcess({ name: 'child', command: process.execPath, args, cwd: folder, logPath });
    const { readFileSync } = await import('node:fs');
    setInterval(() => { if (readFileSync(logPath, 'utf8').includes('\\n')) process.kill(process.pid, 'SIGKILL'); }, 20);`;
  await runCommand(node, ['--input-type=module', '-e', script, folder], { cwd });
  const pid = Number(await readFile(join(folder, 'child.log'), 'utf8'));
  assert.ok(pid > 0);
  const isAlive = async (): Promise<boolean> => {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z');
    return !/ Z/.test(state);
  };
  await waitUntil('the child is gone', 5000, async () => process.platform !== 'linux' || !(await isAlive()));
});

test('a process runs until it is stopped', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'processes-'));
  t.after(async () => rm(folder, { recursive: true }));
  const part = new ManagedProcess({
    name: 'waiter',
    command: node,
    args: ['-e', 'setInterval(() => {}, 1000)'],
    cwd: folder,
    logPath: join(folder, 'waiter.log'),
  });
  await part.assertRunning();
  await part.stop();
  assert.equal(part.running, false);
  await part.stop();
  await assert.rejects(part.assertRunning(), /waiter ended unexpectedly/);
});
