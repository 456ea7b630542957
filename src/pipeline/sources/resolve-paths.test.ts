import assert from 'node:assert/strict';
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FaultyFileSystem } from '../../testing/faulty-file-system.ts';
import { Consumer, temporaryFolder } from '../../testing/source-harness.ts';
import { discoverSources, resolveSources } from './resolve-paths.ts';
import type { Source } from './source.ts';

const BACKUP = 'audit-2026-11-22T14-21-19.278.log';
const LATER_BACKUP = 'audit-2026-11-23T14-21-19.278.log';

/** Makes files that hold their own name. */
function fill(folder: string, names: readonly string[]): void {
  for (const name of names) {
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(`${name}\n`) : `${name}\n`);
  }
}

/** What each source hands on, which is the names of its files. */
async function contents(sources: readonly Source[]): Promise<Record<string, string[]>> {
  const entries: [string, string[]][] = [];
  for (const source of sources) {
    const { text } = await new Consumer(source).drain();
    entries.push([source.name, text.trimEnd().split('\n')]);
  }
  return Object.fromEntries(entries);
}

async function resolved(...paths: readonly string[]): Promise<Record<string, string[]>> {
  return contents(await resolveSources(paths, { follow: false }));
}

describe('resolveSources', () => {
  it('takes a path for the log with its backups', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['audit.log', BACKUP, `${LATER_BACKUP}.gz`, 'other.log']);
    const path = join(folder, 'audit.log');
    assert.deepEqual(await resolved(path), { [path]: [BACKUP, `${LATER_BACKUP}.gz`, 'audit.log'] });
  });

  it('takes a log of which only backups are left', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, [BACKUP]);
    const path = join(folder, 'audit.log');
    assert.deepEqual(await resolved(path), { [path]: [BACKUP] });
  });

  it('takes the path of a backup for that alone, unless its log is given, too', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['audit.log', BACKUP, LATER_BACKUP]);
    const path = join(folder, 'audit.log');
    const backup = join(folder, BACKUP);
    const all = [BACKUP, LATER_BACKUP, 'audit.log'];
    assert.deepEqual(await resolved(backup), { [backup]: [BACKUP] });
    assert.deepEqual(await resolved(backup, path), { [path]: all });
    assert.deepEqual(await resolved(path, backup, path), { [path]: all });
  });

  it('takes several backups, as a shell expands them, for one log', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['audit.log', BACKUP, LATER_BACKUP]);
    const given = [LATER_BACKUP, BACKUP].map((name) => join(folder, name));
    assert.deepEqual(await resolved(...given), { [join(folder, 'audit.log')]: [BACKUP, LATER_BACKUP] });
  });

  it('takes every log of a folder, and nothing that is none', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['audit.log', BACKUP, 'a.json', 'b.jsonl.gz', 'c.ndjson', 'README.md', 'app.1']);
    mkdirSync(join(folder, 'folder.log'));
    const expected = {
      [join(folder, 'a.json')]: ['a.json'],
      [join(folder, 'audit.log')]: [BACKUP, 'audit.log'],
      [join(folder, 'b.jsonl')]: ['b.jsonl.gz'],
      [join(folder, 'c.ndjson')]: ['c.ndjson'],
    };
    assert.deepEqual(await resolved(folder), expected);
    assert.deepEqual(await resolved(`${folder}/`, join(folder, 'audit.log'), folder), expected);
  });

  it('takes the logs that a glob matches with all their backups, and of others the backups it matches', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'one'));
    mkdirSync(join(folder, 'two'));
    fill(join(folder, 'one'), ['audit.log', `${BACKUP}.gz`, 'other.txt']);
    fill(join(folder, 'two'), ['audit.log', BACKUP, LATER_BACKUP]);
    const [one, two] = [join(folder, 'one', 'audit.log'), join(folder, 'two', 'audit.log')];
    assert.deepEqual(await resolved(join(folder, '*', '*.log')), {
      [one]: [`${BACKUP}.gz`, 'audit.log'],
      [two]: [BACKUP, LATER_BACKUP, 'audit.log'],
    });
    assert.deepEqual(await resolved(join(folder, 'two', 'audit-*.log')), { [two]: [BACKUP, LATER_BACKUP] });
  });

  it('prefers a file to the pattern that its name would be', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['audit[1].log', 'audit1.log']);
    const path = join(folder, 'audit[1].log');
    assert.deepEqual(await resolved(path), { [path]: ['audit[1].log'] });
  });

  it('takes a file that is reached by several paths and links once', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'real'));
    fill(join(folder, 'real'), ['audit.log']);
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    symlinkSync(join(folder, 'real', 'audit.log'), join(folder, 'soft.log'));
    linkSync(join(folder, 'real', 'audit.log'), join(folder, 'hard.log'));
    const path = join(folder, 'real', 'audit.log');
    const others = [join(folder, 'linked', 'audit.log'), join(folder, 'soft.log'), join(folder, 'hard.log')];
    assert.deepEqual(await resolved(path, ...others), { [path]: ['audit.log'] });
  });

  it('reads a named pipe', async (t) => {
    const pipe = join(temporaryFolder(t), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [source, ...others] = await resolveSources([pipe, pipe], { follow: false });
    assert.deepEqual(others, []);
    assert.ok(source);
    const consumer = new Consumer(source);
    // Each side waits for the other to open the pipe.
    const written = writeFile(pipe, 'one\n');
    while ((await consumer.take()) !== undefined);
    await written;
    assert.equal(consumer.text, 'one\n');
  });

  it('says of every argument that names nothing what to do', async (t) => {
    const folder = temporaryFolder(t);
    const notFound = { code: 'SOURCE_NOT_FOUND' };
    await assert.rejects(resolved(join(folder, 'audit.log')), {
      ...notFound,
      message: /matches no file: check the path/,
    });
    await assert.rejects(resolved(join(folder, '*.log')), notFound);
    await assert.rejects(resolved(join(folder, 'nothing/')), notFound);
    await assert.rejects(resolved(folder), {
      ...notFound,
      message: /holds no log: its name must end in \.log/,
    });
  });

  it('says of a folder that may not be looked at what to do', async (t) => {
    const folder = temporaryFolder(t);
    const fileSystem = new FaultyFileSystem();
    fileSystem.fail('names', basename(folder), 'EACCES', 2);
    const denied = resolveSources([folder], { follow: false, fileSystem });
    await assert.rejects(denied, { code: 'SOURCE_UNREADABLE', message: /run as a user that may/ });
    const { sources, problems } = await discoverSources([folder], { follow: true, fileSystem }).then(
      (discovery) => ({
        sources: discovery.sources,
        problems: discovery.problems(),
      }),
    );
    assert.deepEqual(sources, []);
    assert.match(problems.join(), /run as a user that may/);
  });
});

describe('discoverSources', () => {
  it('finds the logs that appear in a folder later, each once', async (t) => {
    const folder = temporaryFolder(t);
    const abort = new AbortController();
    const discovery = await discoverSources([folder], { follow: true, pollIntervalMs: 1 });
    assert.deepEqual(discovery.sources, []);
    assert.match(discovery.problems().join(), /holds no log/);
    const added = discovery.added(abort.signal)[Symbol.asyncIterator]();
    const found: (string | undefined)[] = [];
    for (const name of ['b.log', 'a.log']) {
      fill(folder, [name]);
      const next = await added.next();
      found.push(next.done === true ? undefined : next.value.name);
    }
    assert.deepEqual(found, [join(folder, 'b.log'), join(folder, 'a.log')]);
    assert.deepEqual(discovery.problems(), []);
    const last = added.next();
    fill(folder, [BACKUP.replace('audit', 'a')]);
    abort.abort();
    assert.equal((await last).done, true);
  });

  it('hears of a new log by itself', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['a.log']);
    const options = { follow: true, pollIntervalMs: 2_000_000_000 };
    const discovery = await discoverSources([join(folder, '*.log')], options);
    const added = discovery.added(new AbortController().signal)[Symbol.asyncIterator]();
    const next = added.next();
    fill(folder, ['b.log']);
    const { value } = await next;
    assert.equal(value?.name, join(folder, 'b.log'));
    await added.return?.();
  });

  it('finds none later where only files are given, or nothing is followed', async (t) => {
    const folder = temporaryFolder(t);
    fill(folder, ['a.log']);
    for (const [path, follow] of [
      [folder, false],
      [join(folder, 'a.log'), true],
    ] as const) {
      const discovery = await discoverSources([path], { follow });
      const next = await discovery.added(new AbortController().signal)[Symbol.asyncIterator]().next();
      assert.equal(next.done, true);
    }
  });

  it('has a source for a file that does not exist yet', async (t) => {
    const folder = temporaryFolder(t);
    const { sources } = await discoverSources([join(folder, 'audit.log')], {
      follow: true,
      pollIntervalMs: 1,
    });
    const [source] = sources;
    assert.ok(source);
    const consumer = await new Consumer(source).drain();
    assert.match(source.progress().problem ?? '', /does not exist yet/);
    fill(folder, ['audit.log']);
    while (consumer.text === '') await consumer.take();
    assert.equal(consumer.text, 'audit.log\n');
    await consumer.stop();
    rmSync(join(folder, 'audit.log'));
  });
});
