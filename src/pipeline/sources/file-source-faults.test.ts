import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FaultyFileSystem } from '../../testing/faulty-file-system.ts';
import { driveLog, lines, temporaryFolder } from '../../testing/source-harness.ts';

const POLL = { pollIntervalMs: 1 };

describe('a log that is truncated in place', () => {
  for (const [what, after] of [
    ['shrunk', 2],
    ['grown to the same size again', 30],
    ['grown past the old offset again', 50],
  ] as const) {
    it(`is read on from its copy, then from the start: ${what}`, async (t) => {
      const path = join(temporaryFolder(t), 'audit.log');
      writeFileSync(path, lines(0, 30));
      const consumer = await driveLog(path).drain();
      appendFileSync(path, lines(30, 5));
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
      appendFileSync(path, lines(35, after));
      await consumer.drain();
      assert.equal(consumer.text, lines(0, 35 + after));
      assert.deepEqual(consumer.ends, ['audit.log']);
      assert.equal(consumer.source.progress().bytesBehind, 0);
      await consumer.stop();
    });
  }

  it('is read on from a copy that was compressed, and through a second truncation', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    writeFileSync(path, lines(0, 3));
    const consumer = await driveLog(path).drain();
    appendFileSync(path, lines(3, 30));
    writeFileSync(`${path}.2.gz`, gzipSync(lines(0, 33)));
    truncateSync(path);
    appendFileSync(path, lines(33, 10));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, lines(43, 60));
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 103));
    assert.deepEqual(consumer.ends, ['audit.log', 'audit.log.1']);
    await consumer.stop();
  });

  it('ends torn where there is no copy', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    writeFileSync(path, `${lines(0, 30)}{"auditID":`);
    const consumer = await driveLog(path).drain();
    truncateSync(path);
    appendFileSync(path, lines(30, 1));
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 31));
    assert.deepEqual(consumer.ends, ['audit.log (torn)']);
    await consumer.stop();
  });

  it('is not read twice while its copy stands beside it, nor is the copy behind', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    writeFileSync(path, lines(0, 30));
    const consumer = await driveLog(path).drain();
    copyFileSync(path, `${path}.1`);
    await consumer.drain();
    assert.equal(consumer.source.progress().bytesBehind, 0);
    appendFileSync(path, lines(30, 5));
    assert.equal((await consumer.drain()).text, lines(0, 35));
    await consumer.stop();
  });

  it('is read on behind its copy when the reading begins between the copy and the truncation', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    writeFileSync(path, lines(0, 30));
    copyFileSync(path, `${path}.1`);
    const consumer = await driveLog(path).drain();
    appendFileSync(path, lines(30, 5));
    assert.equal((await consumer.drain()).text, lines(0, 35));
    truncateSync(path);
    appendFileSync(path, lines(35, 5));
    assert.equal((await consumer.drain()).text, lines(0, 40));
    await consumer.stop();
  });

  it('begins behind the hole that a writer without O_APPEND leaves', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const writer = await open(path, 'w');
    t.after(async () => writer.close());
    await writer.write(lines(0, 30));
    const consumer = await driveLog(path).drain();
    for (const from of [30, 60]) {
      await writer.write(lines(from, 20));
      copyFileSync(path, `${path}.${100 - from}`);
      await writer.truncate(0);
      await writer.write(lines(from + 20, 10));
      await consumer.drain();
      assert.equal(consumer.text, lines(0, from + 30));
    }
    await consumer.stop();
  });

  it('does not believe bytes that were written after a truncation in the middle of a look', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 30));
    const consumer = await driveLog(path, { fileSystem }).drain();
    appendFileSync(path, lines(30, 1));
    fileSystem.before('read', 'audit.log', () => {
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
      appendFileSync(path, lines(31, 60));
    });
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 91));
    await consumer.stop();
  });
});

describe('what others do in the middle of a look', () => {
  it('loses nothing that is written to the old file just before the rotation', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 30));
    const consumer = await driveLog(path, { fileSystem }).drain();
    // The first read finds the end of the file, the second looks at its head.
    fileSystem.before('read', 'audit.log', () => undefined);
    fileSystem.before('read', 'audit.log', () => {
      appendFileSync(path, lines(30, 1));
      renameSync(path, `${path}.1`);
      writeFileSync(path, lines(31, 1));
    });
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 32));
    assert.deepEqual(consumer.ends, ['audit.log']);
    await consumer.stop();
  });

  it('misses no backup when names shift while they are listed', async (t) => {
    const folder = temporaryFolder(t);
    const at = (name: string): string => join(folder, name);
    const fileSystem = new FaultyFileSystem();
    writeFileSync(at('audit.log.1'), lines(0, 20));
    writeFileSync(at('audit.log'), lines(20, 20));
    fileSystem.before('listed', basename(folder), () => {
      renameSync(at('audit.log.1'), at('audit.log.2'));
      renameSync(at('audit.log'), at('audit.log.1'));
      writeFileSync(at('audit.log'), lines(40, 1));
    });
    const consumer = await driveLog(at('audit.log'), { fileSystem }).drain();
    assert.equal(consumer.text, lines(0, 41));
    await consumer.stop();
  });

  it('reads the copy first when a file is truncated before anything of it was known', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    writeFileSync(path, '');
    const consumer = await driveLog(path).drain();
    appendFileSync(path, lines(0, 1));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, lines(1, 1));
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 2));
    await consumer.stop();
  });

  it('reads a file anew that is truncated between its first bytes and the look at its head', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, '');
    const consumer = await driveLog(path, { fileSystem }).drain();
    appendFileSync(path, lines(0, 1));
    fileSystem.before('read', 'audit.log', () => undefined);
    fileSystem.before('read', 'audit.log', () => truncateSync(path));
    await consumer.drain();
    appendFileSync(path, lines(1, 3));
    await consumer.drain();
    assert.equal(consumer.text, lines(1, 3));
    await consumer.stop();
  });

  it('reads on in an archive that was torn and is restored, from the last whole line', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const archive = gzipSync(lines(0, 3000));
    writeFileSync(`${path}.1.gz`, archive.subarray(0, archive.length / 2));
    const consumer = await driveLog(path).drain();
    assert.match(consumer.source.progress().problem ?? '', /is cut off/);
    writeFileSync(`${path}.1.gz`, archive);
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 3000));
    assert.deepEqual(consumer.ends, ['audit.log.1.gz (torn)', 'audit.log.1.gz']);
    assert.equal(consumer.source.progress().problem, undefined);
    await consumer.stop();
  });
});

describe('a fault of the file system', () => {
  it('in the middle of a file is named, and the file read on from there', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 100));
    const consumer = driveLog(path, { ...POLL, fileSystem, chunkBytes: 1000 });
    await consumer.take();
    fileSystem.fail('read', 'audit.log', 'EIO', 5);
    const next = consumer.take();
    while (consumer.source.progress().problem === undefined) await new Promise(setImmediate);
    assert.match(consumer.source.progress().problem ?? '', /audit\.log failed \(input\/output error\)/);
    assert.equal(consumer.source.progress().bytesBehind, lines(0, 100).length - 1000);
    await next;
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 100));
    assert.equal(consumer.source.progress().problem, undefined);
    await consumer.stop();
    assert.equal(fileSystem.openFiles, 0);
  });

  it('in the middle of an archive does not make it torn', async (t) => {
    const folder = temporaryFolder(t);
    const fileSystem = new FaultyFileSystem();
    writeFileSync(join(folder, 'audit.log.1.gz'), gzipSync(lines(0, 50_000)));
    writeFileSync(join(folder, 'audit.log'), lines(50_000, 1));
    const consumer = driveLog(join(folder, 'audit.log'), { ...POLL, fileSystem, chunkBytes: 1000 });
    await consumer.take();
    fileSystem.fail('read', 'audit.log.1.gz', 'EIO', 2);
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 50_001));
    assert.deepEqual(consumer.ends, ['audit.log.1.gz']);
    await consumer.stop();
  });

  it('is met again under another name, after a rotation', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 100));
    const consumer = driveLog(path, { ...POLL, fileSystem, chunkBytes: 1000 });
    await consumer.take();
    fileSystem.fail('read', 'audit.log', 'ESTALE');
    fileSystem.before('names', basename(folder), () => {
      writeFileSync(`${path}.1.gz`, gzipSync(lines(0, 100)));
      writeFileSync(path, lines(100, 1));
    });
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 101));
    assert.deepEqual(consumer.ends, ['audit.log']);
    await consumer.stop();
  });

  it('on one backup does not hold up the others', async (t) => {
    const folder = temporaryFolder(t);
    const fileSystem = new FaultyFileSystem();
    writeFileSync(join(folder, 'audit.log.2'), lines(0, 20));
    writeFileSync(join(folder, 'audit.log.1'), lines(20, 20));
    writeFileSync(join(folder, 'audit.log'), lines(40, 1));
    fileSystem.fail('open', 'audit.log.2', 'EACCES', 1000);
    const consumer = await driveLog(join(folder, 'audit.log'), { ...POLL, fileSystem }).drain();
    assert.equal(consumer.text, lines(20, 21));
    assert.match(
      consumer.source.progress().problem ?? '',
      /audit\.log\.2 may not be read .*run as a user that may/,
    );
    assert.equal(consumer.source.progress().bytesBehind, lines(0, 20).length);
    await consumer.stop();
  });

  it('on the live file is named until it is mended, and asked for no more often than the poll', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 1));
    fileSystem.fail('open', 'audit.log', 'EACCES', 3);
    const consumer = driveLog(path, { ...POLL, fileSystem });
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 1));
    // Three attempts fail, one succeeds; each lists the folder twice.
    assert.ok(fileSystem.calls < 60, `${fileSystem.calls} calls`);
    assert.equal(consumer.source.progress().problem, undefined);
    await consumer.stop();
  });

  it('on the folder leaves the live file, which is known by its name', async (t) => {
    const folder = temporaryFolder(t);
    const fileSystem = new FaultyFileSystem();
    writeFileSync(join(folder, 'audit.log'), lines(0, 1));
    fileSystem.fail('names', basename(folder), 'EACCES', 1000);
    const consumer = await driveLog(join(folder, 'audit.log'), { fileSystem }).drain();
    assert.equal(consumer.text, lines(0, 1));
    assert.match(
      consumer.source.progress().problem ?? '',
      /may not be read .*rotated files in it are not read/,
    );
    await consumer.stop();
  });

  it('while looking for a rotation does not let go of the file that is held', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 20));
    const consumer = await driveLog(path, { fileSystem }).drain();
    appendFileSync(path, lines(20, 1));
    unlinkSync(path);
    writeFileSync(path, lines(21, 1));
    fileSystem.fail('info', 'audit.log', 'EIO', 4);
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 21));
    assert.match(consumer.source.progress().problem ?? '', /input\/output/);
    while (consumer.text !== lines(0, 22)) await consumer.drain();
    await consumer.stop();
  });

  it('is none where a backup is compressed between being listed and being opened', async (t) => {
    const folder = temporaryFolder(t);
    const fileSystem = new FaultyFileSystem();
    const backup = join(folder, 'audit.log.1');
    writeFileSync(backup, lines(0, 20));
    writeFileSync(join(folder, 'audit.log'), lines(20, 1));
    fileSystem.before('open', 'audit.log.1', () => {
      writeFileSync(`${backup}.gz`, gzipSync(lines(0, 20)));
      unlinkSync(backup);
    });
    const consumer = await driveLog(join(folder, 'audit.log'), { follow: false, fileSystem }).drain();
    assert.equal(consumer.text, lines(0, 21));
    assert.deepEqual(consumer.ends, ['audit.log.1.gz', 'audit.log']);
  });

  it('is none where the names shift between being listed and being opened', async (t) => {
    const folder = temporaryFolder(t);
    const at = (name: string): string => join(folder, name);
    const fileSystem = new FaultyFileSystem();
    writeFileSync(at('audit.log.1'), lines(0, 20));
    writeFileSync(at('audit.log'), lines(20, 20));
    fileSystem.before('open', 'audit.log.1', () => {
      renameSync(at('audit.log.1'), at('audit.log.2'));
      renameSync(at('audit.log'), at('audit.log.1'));
      writeFileSync(at('audit.log'), lines(40, 1));
    });
    const consumer = await driveLog(at('audit.log'), { fileSystem }).drain();
    assert.equal(consumer.text, lines(0, 41));
    await consumer.stop();
  });

  it('is named where files vanish again and again', async (t) => {
    const path = join(temporaryFolder(t), 'audit.log');
    const fileSystem = new FaultyFileSystem();
    writeFileSync(path, lines(0, 1));
    fileSystem.fail('open', 'audit.log', 'ENOENT', 1000);
    const once = driveLog(path, { follow: false, fileSystem });
    await assert.rejects(once.drain(), { code: 'SOURCE_UNSTABLE' });
  });
});
