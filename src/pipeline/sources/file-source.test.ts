import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { FaultyFileSystem } from '../../testing/faulty-file-system.ts';
import { Consumer, driveLog, lines, temporaryFolder } from '../../testing/source-harness.ts';
import { FileSource } from './file-source.ts';
import { selectionToSet, toSelection } from './selection.ts';

interface Log {
  readonly path: string;
  at(name: string): string;
  write(name: string, content: string | Buffer): void;
  append(content: string): void;
  /** Lumberjack: the live file becomes a backup, and the next write makes a new one. */
  rotate(backup: string): void;
}

function makeLog(context: TestContext, base = 'audit.log'): Log {
  const folder = temporaryFolder(context);
  const path = join(folder, base);
  return {
    path,
    at: (name) => join(folder, name),
    write: (name, content) => writeFileSync(join(folder, name), content),
    append: (content) => appendFileSync(path, content),
    rotate: (backup) => renameSync(path, join(folder, backup)),
  };
}

const OLDEST = 'audit-2026-11-22T14-21-19.278.log';
const OLDER = 'audit-2026-11-22T14-25-00.001.log';
const OLD = 'audit-2026-11-23T00-00-00.000.log';

describe('a log that is read once', () => {
  it('hands on the backups oldest first, whatever their compression, then the live file', async (t) => {
    const log = makeLog(t);
    log.write(`${OLDEST}.gz`, gzipSync(lines(0, 50)));
    log.write(`${OLDER}.zst`, zstdCompressSync(lines(50, 50)));
    log.write(OLD, lines(100, 50));
    log.write('audit.log', lines(150, 5));
    log.write('audit-policy.log', lines(900, 5));
    const consumer = await driveLog(log.path, { follow: false }).drain();
    assert.equal(consumer.text, lines(0, 155));
    assert.deepEqual(consumer.ends, [`${OLDEST}.gz`, `${OLDER}.zst`, OLD, 'audit.log']);
    assert.equal(await consumer.take(), undefined);
    assert.equal(consumer.source.progress().bytesBehind, 0);
  });

  it('hands on numbered backups, the biggest number first', async (t) => {
    const log = makeLog(t);
    log.write('audit.log.10', lines(0, 5));
    log.write('audit.log.2.gz', gzipSync(lines(5, 5)));
    log.write('audit.log.1', lines(10, 5));
    log.write('audit.log', lines(15, 5));
    assert.equal((await driveLog(log.path, { follow: false }).drain()).text, lines(0, 20));
  });

  it('hands on a partial last line, and ends', async (t) => {
    const log = makeLog(t);
    log.write('audit.log', `${lines(0, 1)}{"auditID"`);
    const consumer = await driveLog(log.path, { follow: false }).drain();
    assert.equal(consumer.text, `${lines(0, 1)}{"auditID"`);
    assert.deepEqual(consumer.ends, ['audit.log']);
  });

  it('reads copies of one content once', async (t) => {
    const log = makeLog(t);
    log.write(`${OLDEST}.gz`, gzipSync(lines(0, 50)));
    log.write(OLDER, lines(0, 50));
    log.write(`${OLD}.gz`, gzipSync(lines(50, 2)));
    log.write('audit.log', lines(52, 2));
    assert.equal((await driveLog(log.path, { follow: false }).drain()).text, lines(0, 54));
  });

  it('reads a copy on where the shorter one ended', async (t) => {
    const log = makeLog(t);
    log.write(OLDER, `${lines(0, 50)}{"audit`);
    log.write(OLD, lines(0, 60));
    const consumer = await driveLog(log.path, { follow: false }).drain();
    assert.equal(consumer.text, `${lines(0, 50)}{"audit${lines(50, 10)}`);
  });

  it('hands on what can be read of a torn archive, says so, and goes on', async (t) => {
    for (const compressed of [gzipSync(lines(0, 3000)), zstdCompressSync(lines(0, 3000))]) {
      const log = makeLog(t);
      log.write(`${OLD}.gz`, compressed.subarray(0, compressed.length - 20));
      log.write('audit.log', lines(9000, 5));
      const consumer = await driveLog(log.path, { follow: false }).drain();
      assert.deepEqual(consumer.ends, [`${OLD}.gz (torn)`, 'audit.log']);
      assert.ok(consumer.text.startsWith(lines(0, 1000)));
      assert.ok(consumer.text.endsWith(`"}\n${lines(9000, 5)}`));
      assert.match(
        consumer.source.progress().problem ?? '',
        /audit-2026-11-23T00-00-00.000.log.gz is cut off/,
      );
    }
  });

  it('is behind until the last content of an archive is handed on', async (t) => {
    const log = makeLog(t);
    log.write(`${OLD}.gz`, gzipSync(lines(0, 3000)));
    const { source } = driveLog(log.path, { follow: false, chunkBytes: 10_000 });
    const whole = Buffer.byteLength(lines(0, 3000));
    let handedOn = 0;
    for await (const item of source.items(new AbortController().signal)) {
      if (item.type === 'bytes') handedOn += item.bytes.length;
      if (handedOn < whole) assert.ok(source.progress().bytesBehind > 0, `after ${handedOn} bytes`);
    }
    assert.equal(source.progress().bytesBehind, 0);
  });

  it('says which compression it does not read', async (t) => {
    const log = makeLog(t);
    log.write('audit.log.1.bz2', 'BZh91AY&SY');
    log.write('audit.log', lines(0, 5));
    const consumer = await driveLog(log.path, { follow: false }).drain();
    assert.equal(consumer.text, lines(0, 5));
    assert.match(
      consumer.source.progress().problem ?? '',
      /audit\.log\.1\.bz2 is not read \(compressed with bzip2\)/,
    );
  });

  it('trusts the first bytes more than the name', async (t) => {
    const log = makeLog(t);
    log.write('audit.log.2', gzipSync(lines(0, 5)));
    log.write('audit.log.1.gz', lines(5, 5));
    log.write('audit.log', zstdCompressSync(lines(10, 5)));
    assert.equal((await driveLog(log.path, { follow: false }).drain()).text, lines(0, 15));
  });

  it('comes in chunks of the size asked for', async (t) => {
    const log = makeLog(t);
    log.write('audit.log', lines(0, 1000));
    const consumer = await driveLog(log.path, { follow: false, chunkBytes: 10_000 }).drain();
    assert.equal(consumer.text, lines(0, 1000));
    assert.deepEqual(
      consumer.chunkSizes.slice(0, -1).filter((size) => size !== 10_000),
      [],
    );
  });

  it('reads a backup alone when only that is asked for', async (t) => {
    const log = makeLog(t);
    log.write(`${OLD}.gz`, gzipSync(lines(0, 5)));
    log.write('audit.log', lines(5, 5));
    assert.equal((await driveLog(log.at(`${OLD}.gz`), { follow: false }).drain()).text, lines(0, 5));
  });

  it('throws what is wrong, with a code and advice', async (t) => {
    const log = makeLog(t);
    const missing = driveLog(log.path, { follow: false });
    await assert.rejects(missing.drain(), { code: 'SOURCE_NOT_FOUND', message: /check the path/ });

    log.write('audit.log', lines(0, 5));
    const fileSystem = new FaultyFileSystem();
    fileSystem.fail('open', 'audit.log', 'EACCES');
    const forbidden = driveLog(log.path, { follow: false, fileSystem });
    await assert.rejects(forbidden.drain(), { code: 'SOURCE_UNREADABLE', message: /run as a user that may/ });

    fileSystem.fail('read', 'audit.log', 'EIO');
    const broken = driveLog(log.path, { follow: false, fileSystem });
    await assert.rejects(broken.drain(), { code: 'SOURCE_READ_FAILED', message: /look at the disk/ });
    assert.equal(fileSystem.openFiles, 0);
  });
});

describe('a log that is followed', () => {
  it('hands on what is appended, and holds no line back but its end', async (t) => {
    const log = makeLog(t);
    log.write('audit.log', `${lines(0, 2)}{"auditID"`);
    const consumer = await driveLog(log.path).drain();
    assert.equal(consumer.text, `${lines(0, 2)}{"auditID"`);
    assert.deepEqual(consumer.ends, []);
    log.append(':1}\n');
    assert.equal((await consumer.drain()).text, `${lines(0, 2)}{"auditID":1}\n`);
    await consumer.stop();
  });

  it('waits for a file, and for a folder, that do not exist yet', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'kubernetes', 'audit.log');
    const consumer = await driveLog(path).drain();
    assert.match(consumer.source.progress().problem ?? '', /audit\.log does not exist yet/);
    mkdirSync(join(folder, 'kubernetes'));
    await consumer.drain();
    writeFileSync(path, lines(0, 3));
    assert.equal((await consumer.drain()).text, lines(0, 3));
    assert.deepEqual(consumer.source.progress(), {
      bytesRead: lines(0, 3).length,
      bytesBehind: 0,
      problem: undefined,
    });
    await consumer.stop();
  });

  it('follows a rotation, and reads what was written to the old file last', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 20));
    const consumer = await driveLog(log.path).drain();
    log.append(lines(20, 1));
    log.rotate(OLD);
    log.append(lines(21, 1));
    assert.equal((await consumer.drain()).text, lines(0, 22));
    assert.deepEqual(consumer.ends, ['audit.log']);
    await consumer.stop();
  });

  it('follows several rotations between two looks', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 20));
    const consumer = await driveLog(log.path).drain();
    log.rotate(OLDEST);
    log.append(lines(20, 20));
    log.rotate(OLDER);
    log.append(lines(40, 20));
    log.write(`${OLDER}.gz`, gzipSync(lines(20, 20)));
    unlinkSync(log.at(OLDER));
    log.rotate(OLD);
    log.append(lines(60, 20));
    assert.equal((await consumer.drain()).text, lines(0, 80));
    assert.deepEqual(consumer.ends, ['audit.log', `${OLDER}.gz`, OLD]);
    await consumer.stop();
  });

  it('does not end the old file before the new one holds something', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 20));
    const consumer = await driveLog(log.path).drain();
    log.rotate('audit.log.1');
    await consumer.drain();
    log.write('audit.log', '');
    await consumer.drain();
    appendFileSync(log.at('audit.log.1'), lines(20, 1));
    assert.equal((await consumer.drain()).text, lines(0, 21));
    assert.deepEqual(consumer.ends, []);
    appendFileSync(log.at('audit.log.1'), lines(21, 1));
    log.append(lines(22, 1));
    assert.equal((await consumer.drain()).text, lines(0, 23));
    assert.deepEqual(consumer.ends, ['audit.log']);
    await consumer.stop();
  });

  it('keeps reading a file that was deleted while it was behind', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 100));
    const consumer = driveLog(log.path, { chunkBytes: 1000 });
    await consumer.take();
    log.rotate(OLD);
    unlinkSync(log.at(OLD));
    log.append(lines(100, 20));
    assert.equal((await consumer.drain()).text, lines(0, 120));
    await consumer.stop();
  });

  it('does not read backups again when they are compressed or renamed, and does not count them as behind', async (t) => {
    const log = makeLog(t);
    log.write('audit.log.1', lines(0, 20));
    log.append(lines(20, 20));
    const consumer = await driveLog(log.path).drain();
    renameSync(log.at('audit.log.1'), log.at('audit.log.2'));
    log.rotate('audit.log.1');
    log.append(lines(40, 20));
    await consumer.drain();
    log.write('audit.log.2.gz', gzipSync(lines(0, 20)));
    log.write('audit.log.1.gz', gzipSync(lines(20, 20)));
    unlinkSync(log.at('audit.log.2'));
    unlinkSync(log.at('audit.log.1'));
    await consumer.drain();
    assert.equal(consumer.text, lines(0, 60));
    assert.equal(consumer.source.progress().bytesBehind, 0);
    await consumer.stop();
  });

  it('is behind by what is on disk and not handed on, as of now', async (t) => {
    const log = makeLog(t);
    const archive = gzipSync(lines(0, 50));
    log.write(`${OLDEST}.gz`, archive);
    log.append(lines(50, 50));
    const consumer = driveLog(log.path);
    const total = archive.length + lines(50, 50).length;
    assert.deepEqual(consumer.source.progress(), { bytesRead: 0, bytesBehind: total, problem: undefined });
    await consumer.drain();
    assert.deepEqual(consumer.source.progress(), { bytesRead: total, bytesBehind: 0, problem: undefined });
    log.append(lines(100, 1));
    assert.equal(consumer.source.progress().bytesBehind, lines(100, 1).length);
    log.rotate(OLD);
    log.append(lines(101, 1));
    assert.equal(consumer.source.progress().bytesBehind, lines(100, 2).length);
    await consumer.drain();
    assert.equal(consumer.source.progress().bytesBehind, 0);
    await consumer.stop();
  });

  it('hears of changes by itself', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 1));
    const source = new FileSource({
      name: log.path,
      set: selectionToSet(toSelection(log.path)),
      follow: true,
    });
    const consumer = await new Consumer(source).drain();
    log.append(lines(1, 1));
    while (consumer.text !== lines(0, 2)) await consumer.take();
    log.rotate(OLD);
    log.append(lines(2, 1));
    while (consumer.text !== lines(0, 3)) await consumer.take();
    await consumer.stop();
  });

  it('finds changes by polling where nothing tells of them', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 1));
    const consumer = driveLog(log.path, { pollIntervalMs: 1 });
    while (consumer.text !== lines(0, 1)) await consumer.take();
    log.append(lines(1, 1));
    while (consumer.text !== lines(0, 2)) await consumer.take();
    await consumer.stop();
  });

  it('ends at once when it is aborted, also while it waits, and leaves no file open', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 100));
    const fileSystem = new FaultyFileSystem();
    const waiting = await driveLog(log.path, { fileSystem }).drain();
    const next = waiting.take();
    waiting.abort();
    assert.equal(await next, undefined);
    assert.equal(waiting.source.progress().bytesBehind, 0);

    const reading = driveLog(log.path, { fileSystem, chunkBytes: 1000 });
    await reading.take();
    assert.equal(fileSystem.openFiles, 1);
    reading.abort();
    assert.equal(await reading.take(), undefined);
    assert.equal(reading.source.progress().bytesBehind, lines(0, 100).length - 1000);

    const dropped = driveLog(log.path, { fileSystem, chunkBytes: 1000 });
    await dropped.take();
    await dropped.stop();
    assert.equal(fileSystem.openFiles, 0);
  });

  it('holds at most one file open, however many rotations', async (t) => {
    const log = makeLog(t);
    const fileSystem = new FaultyFileSystem();
    log.append(lines(0, 20));
    const consumer = await driveLog(log.path, { fileSystem }).drain();
    for (let i = 1; i <= 20; i++) {
      log.rotate(`audit-2026-11-22T14-21-${10 + i}.000.log`);
      log.append(lines(i * 20, 20));
      await consumer.drain();
      assert.equal(fileSystem.openFiles, 1);
    }
    assert.equal(consumer.text, lines(0, 420));
    await consumer.stop();
    assert.equal(fileSystem.openFiles, 0);
  });

  it('is not iterated twice', async (t) => {
    const log = makeLog(t);
    log.append(lines(0, 1));
    const consumer = await driveLog(log.path, { follow: false }).drain();
    const again = new Consumer(consumer.source);
    await assert.rejects(again.take(), /is being read already/);
    rmSync(log.path);
  });
});
