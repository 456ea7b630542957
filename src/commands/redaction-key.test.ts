import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { KEY_BYTES, mark } from '../pipeline/redact/marker.ts';
import { UsageError } from './errors.ts';
import { prepareRedactor, redactionKey } from './redaction-key.ts';

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'redaction-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A UsageError that says these words. */
function saying(...words: readonly string[]): (error: unknown) => boolean {
  return (error) => error instanceof UsageError && words.every((word) => error.message.includes(word));
}

it('a key is made once, for its owner only, and found again', async (t) => {
  const folder = temporaryFolder(t);
  const key = await redactionKey(folder);
  assert.equal(key.length, KEY_BYTES);
  assert.deepEqual(readFileSync(join(folder, 'redaction.key')), Buffer.from(key));
  assert.equal(statSync(join(folder, 'redaction.key')).mode & 0o777, 0o600);
  assert.deepEqual(await redactionKey(folder), key);
  assert.notDeepEqual(await redactionKey(temporaryFolder(t)), key);
});

it('processes that start at once have one key', async (t) => {
  const folder = temporaryFolder(t);
  const module = JSON.stringify(new URL('redaction-key.ts', import.meta.url).href);
  const script = `import { redactionKey } from ${module}; process.stdout.write(Buffer.from(await redactionKey(process.argv[1])).toString('hex'))`;
  const run = promisify(execFile);
  const processes = [1, 2, 3].map(() =>
    run(process.execPath, ['--input-type=module', '--eval', script, folder]),
  );
  const keys = await Promise.all([
    ...processes.map(async (each) => (await each).stdout),
    ...[1, 2, 3, 4].map(async () => Buffer.from(await redactionKey(folder)).toString('hex')),
  ]);
  assert.deepEqual(new Set(keys), new Set([readFileSync(join(folder, 'redaction.key'), 'hex')]));
});

it('a file that another process is about to fill is waited for', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'redaction.key');
  writeFileSync(path, '', { mode: 0o600 });
  const pieces = [Buffer.alloc(KEY_BYTES - 1, 5), Buffer.alloc(1, 5)];
  const key = await redactionKey(folder, async () => appendFileSync(path, pieces.shift() ?? ''));
  assert.deepEqual(Buffer.from(key), Buffer.alloc(KEY_BYTES, 5));
});

const atOnce = (): Promise<void> => Promise.resolve();

it('a key that is none is refused, and so is one that everybody may read', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'redaction.key');
  for (const length of [0, KEY_BYTES - 1, KEY_BYTES + 1]) {
    writeFileSync(path, Buffer.alloc(length), { mode: 0o600 });
    await assert.rejects(redactionKey(folder, atOnce), saying(path, 'no redaction key', 'remove it'));
  }
  writeFileSync(path, Buffer.alloc(KEY_BYTES));
  chmodSync(path, 0o644);
  await assert.rejects(redactionKey(folder), saying(`chmod 600 ${path}`));
  // As Kubernetes makes a volume's files where the pod has an fsGroup.
  chmodSync(path, 0o660);
  assert.equal((await redactionKey(folder)).length, KEY_BYTES);
});

it('what cannot be read is refused by name', async (t) => {
  await assert.rejects(
    redactionKey(join(temporaryFolder(t), 'missing')),
    saying('the redaction key cannot be used', 'missing'),
  );
});

it('markers are the same with the same data directory only', async (t) => {
  const dataDir = temporaryFolder(t);
  const flags = { dataDir, redactResource: ['secrets'] };
  const marker = mark((await prepareRedactor(flags)).digest, 'x');
  assert.equal(mark((await prepareRedactor(flags)).digest, 'x'), marker);
  assert.notEqual(mark((await prepareRedactor({ redactResource: ['secrets'] })).digest, 'x'), marker);
});
