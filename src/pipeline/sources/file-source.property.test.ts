/**
 * Whatever is done to a log, in whatever order, every byte that was written is handed on once, in the order of writing.
 *
 * What no reader can promise, and what is therefore not done here: that lines which are written between the copy and
 * the truncation of a `copytruncate` are not lost, since the tool throws them away; that a file is seen which was
 * deleted before it was looked at; and that a truncation is noticed after which the same first lines are written again.
 */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { FaultyFileSystem } from '../../testing/faulty-file-system.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import { driveLog, lines, type Consumer } from '../../testing/source-harness.ts';
import { parseLogName } from './log-set.ts';

/** A log, the program that writes it, and the one that rotates it. */
class Writer {
  readonly folder = mkdtempSync(join(tmpdir(), 'kubeprovenance-'));
  readonly path = join(this.folder, 'audit.log');
  written = '';
  #lines = 0;
  #rest = '';
  #rotations = 0;

  append(count: number): void {
    this.#write(this.#rest + lines(this.#lines, count));
    this.#rest = '';
    this.#lines += count;
  }

  /** Only the first half of a line; the next write completes it, wherever it goes. */
  appendPart(): void {
    const line = this.#rest === '' ? lines(this.#lines++, 1) : this.#rest;
    this.#write(line.slice(0, line.length / 2));
    this.#rest = line.slice(line.length / 2);
  }

  stamp(): void {
    if (!existsSync(this.path)) return;
    const milliseconds = String(this.#rotations++).padStart(3, '0');
    renameSync(this.path, join(this.folder, `audit-2026-11-22T14-21-19.${milliseconds}.log`));
  }

  shift(): void {
    if (!existsSync(this.path)) return;
    this.#shiftBackups();
    renameSync(this.path, `${this.path}.1`);
  }

  copyTruncate(): void {
    if (!existsSync(this.path)) return;
    this.#shiftBackups();
    copyFileSync(this.path, `${this.path}.1`);
    truncateSync(this.path);
  }

  /** Compresses one of the plain backups. */
  compress(which: number, suffix: '.gz' | '.zst'): void {
    const plain = this.#backups().filter((name) => !parseLogName(name).compressed);
    const name = plain[which % plain.length];
    if (name === undefined) return;
    const path = join(this.folder, name);
    writeFileSync(path + suffix, (suffix === '.gz' ? gzipSync : zstdCompressSync)(readFileSync(path)));
    unlinkSync(path);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #write(text: string): void {
    appendFileSync(this.path, text);
    this.written += text;
  }

  #backups(): string[] {
    return readdirSync(this.folder).filter((name) => parseLogName(name).rotated);
  }

  #shiftBackups(): void {
    const oldestFirst = this.#backups().sort((a, b) => numberOf(b) - numberOf(a));
    for (const name of oldestFirst) {
      const next = name.replace(/\.(\d+)/, (_, number: string) => `.${Number(number) + 1}`);
      renameSync(join(this.folder, name), join(this.folder, next));
    }
  }
}

function numberOf(name: string): number {
  return Number(/\.(\d+)/.exec(name)?.[1]);
}

type Step = readonly [does: string, run: (writer: Writer, consumer: Consumer) => unknown];

const always: readonly fc.Arbitrary<Step>[] = [
  fc.integer({ min: 1, max: 25 }).map((n) => [`append ${n}`, (writer) => writer.append(n)]),
  fc.constant<Step>(['append part', (writer) => writer.appendPart()]),
  fc.integer({ min: 1, max: 6 }).map((n) => [`take ${n}`, async (_, consumer) => takeSome(consumer, n)]),
  fc.constant<Step>(['drain', async (_, consumer) => consumer.drain()]),
  fc.constant<Step>(['ask', (_, consumer) => consumer.source.progress()]),
  fc.integer({ min: 0, max: 5 }).map((n) => [`gzip ${n}`, (writer) => writer.compress(n, '.gz')]),
  fc.integer({ min: 0, max: 5 }).map((n) => [`zstd ${n}`, (writer) => writer.compress(n, '.zst')]),
];

async function takeSome(consumer: Consumer, count: number): Promise<void> {
  consumer.poke();
  for (let i = 0; i < count; i++) if ((await consumer.take())?.type === 'caught-up') return;
}

const rotations: readonly (readonly [string, readonly Step[]])[] = [
  ['rotation to stamped names', [['stamp', (writer) => writer.stamp()]]],
  ['rotation to numbered names', [['shift', (writer) => writer.shift()]]],
  ['truncation after a copy', [['copytruncate', (writer) => writer.copyTruncate()]]],
  [
    'truncation and renaming mixed',
    [
      ['copytruncate', (writer) => writer.copyTruncate()],
      ['shift', (writer) => writer.shift()],
    ],
  ],
];

for (const [name, steps] of rotations) {
  describe(`every byte once, in order, under ${name}`, () => {
    const step = fc.oneof(
      ...always,
      ...steps.map((rotate) => fc.constant(rotate)),
      ...steps.map((rotate) => fc.constant(rotate)),
    );
    const script = fc.array(step, { minLength: 1, maxLength: 30 });

    it('for a log that is followed', async () => {
      await checkAsyncProperty(
        fc.asyncProperty(script, fc.integer({ min: 100, max: 5000 }), async (todo, chunkBytes) => {
          const writer = new Writer();
          const fileSystem = new FaultyFileSystem();
          const consumer = driveLog(writer.path, { chunkBytes, fileSystem });
          try {
            for (const [, run] of todo) await run(writer, consumer);
            writer.append(1);
            await consumer.drain();
            assert.equal(consumer.text, writer.written);
            await consumer.drain();
            assert.equal(consumer.source.progress().bytesBehind, 0);
            assert.equal(consumer.source.progress().problem, undefined);
            assert.equal(fileSystem.openFiles, 1);
          } finally {
            await consumer.stop();
            writer.remove();
          }
          assert.equal(fileSystem.openFiles, 0);
        }),
      );
    });
  });
}
