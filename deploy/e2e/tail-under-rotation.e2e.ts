/**
 * A log of 200 MB of recorded events rotates every 20 MB under the tail, half of its backups get compressed, the server is
 * killed and started again: nothing is lost, and nothing is counted twice.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { amplify, readLines } from '../../bench/amplify.ts';
import type { SourceStatus } from '../../src/model/source-status.ts';
import { indexLogs } from '../../src/testing/index-log.ts';
import { KubeprovenanceProcess } from './kubeprovenance-process.ts';
import { LogWriter } from './log-writer.ts';

/** E2E_RECORDING names a larger recording, of which less or nothing need be repeated. */
const RECORDING =
  process.env['E2E_RECORDING'] ?? join(import.meta.dirname, '../../fixtures/payments-week.log.gz');
const MAIN = join(import.meta.dirname, '../../src/main.ts');
const MEGABYTE = 1_000_000;
const LOG_BYTES = 200 * MEGABYTE;
const ROTATE_BYTES = 20 * MEGABYTE;
const WRITE_LINES = 200;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

interface IndexSummary {
  readonly events: number;
  readonly versions: number;
  readonly objects: number;
  readonly dropped: Readonly<Record<string, number>>;
}

async function index(...paths: readonly string[]): Promise<IndexSummary> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    MAIN,
    'index',
    ...paths,
    '--output',
    'json',
  ]);
  const summary: IndexSummary = JSON.parse(stdout);
  return summary;
}

/** Every line was taken once: as an event, or under a rejection. */
function linesIn({ events, dropped }: Pick<SourceStatus, 'events' | 'dropped'>): number {
  return events + (dropped.empty ?? 0) + (dropped.malformed ?? 0) + (dropped['not-an-event'] ?? 0);
}

describe('A log that rotates under the tail', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeprovenance-e2e-'));
  });
  after(async () => rm(folder, { recursive: true }));

  it('is indexed without loss or repetition through rotation, compression, a kill and a restart', async () => {
    const recording = await readLines(RECORDING);
    const writer = new LogWriter(folder, ROTATE_BYTES);
    let server = await KubeprovenanceProcess.serve('--audit-log', writer.path);
    let killedAt = 0;
    let pending: string[] = [];
    for (const line of amplify(recording, LOG_BYTES, 'payments')) {
      pending.push(line);
      if (pending.length < WRITE_LINES) continue;
      await writer.write(pending);
      pending = [];
      if (writer.rotationCount === 5 && killedAt === 0) {
        const { events } = await server.until((source) => source.events > 0);
        killedAt = events;
        await server.kill();
        server = await KubeprovenanceProcess.serve('--audit-log', writer.path);
      }
    }
    await writer.write(pending);
    await writer.close();
    assert.ok(killedAt > 0 && writer.rotationCount >= 9, 'the server was killed amid the rotations');

    const source = await server.until(
      ({ bytesBehind, events }) => bytesBehind === 0 && events >= writer.lineCount,
    );
    assert.equal(linesIn(source), writer.lineCount, 'every line that was written was taken, and once');
    assert.equal(await server.stop(), 0);

    const whole = await index(writer.path);
    assert.deepEqual(
      { events: source.events, versions: source.versions, dropped: sorted(source.dropped) },
      { events: whole.events, versions: whole.versions, dropped: sorted(whole.dropped) },
      'the tail came to what one run over the whole log comes to',
    );
  });

  it('leaves nothing behind in memory of what makes no version and no action', async () => {
    const recording = await readLines(RECORDING);
    const reads = recording.filter((line) => /"verb":"(?:get|list|watch)".*"code":200/.test(line));
    const heapAfter = async (bytes: number): Promise<number> => {
      const path = join(folder, `reads-${bytes}.log`);
      await writeFile(path, withNewlines(amplify(reads, bytes, 'payments')));
      const store = await indexLogs(path);
      assert.ok((store.sources()[0]?.events ?? 0) > bytes / 10_000, 'the log was read');
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    await heapAfter(10 * MEGABYTE); // Whatever is loaded and compiled once.
    const small = await heapAfter(11 * MEGABYTE);
    const large = await heapAfter(LOG_BYTES / 2);
    assert.ok(large < small + 4 * MEGABYTE, `${small} bytes after 11 MB, ${large} after 100 MB`);
  });
});

function* withNewlines(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

function sorted(counts: Readonly<Record<string, number | undefined>>): [string, number | undefined][] {
  return Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
