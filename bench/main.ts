/**
 * `npm run bench -- LOG [--rounds N]`: `index` as a whole process beside other readers of the same file.
 *
 * Machines differ and drift, ratios within one run hold: the contenders take turns, round after round, and each figure is
 * a median with its spread. What a contender lacks on this machine is said, not passed over.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Command } from 'commander';
import { positiveInteger } from '../src/commands/options.ts';
import { type Contender, measure, type Run } from './measure.ts';
import { type Spread, spreadOf } from './statistics.ts';

const root = join(import.meta.dirname, '..');

function contendersFor(log: string): Contender[] {
  const node = process.execPath;
  return [
    { name: 'index', command: node, args: [join(root, 'src/main.ts'), 'index', log, '--output', 'json'] },
    { name: 'wc -l', command: 'wc', args: ['-l', log] },
    { name: 'jq .auditID', command: 'jq', args: ['-c', '.auditID', log] },
    { name: 'split2 + JSON.parse', command: node, args: [join(root, 'bench/split2-parse.ts'), log] },
  ];
}

interface Result {
  readonly name: string;
  readonly runs: Run[];
  failure: string | undefined;
}

async function bench(log: string, rounds: number): Promise<void> {
  const { size } = await stat(log);
  const results = contendersFor(log).map((contender) => ({ contender, result: newResult(contender.name) }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { contender, result } of results) {
      if (result.failure !== undefined) continue;
      try {
        const run = await measure(contender);
        // The first round warms the file cache and is not counted.
        if (round > 0) result.runs.push(run);
      } catch (error) {
        result.failure = error instanceof Error ? error.message : String(error);
      }
    }
  }
  print(
    log,
    size,
    rounds,
    results.map(({ result }) => result),
  );
}

function newResult(name: string): Result {
  return { name, runs: [], failure: undefined };
}

function print(log: string, bytes: number, rounds: number, results: readonly Result[]): void {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  write(
    `${log}: ${(bytes / 1e6).toFixed(1)} MB, medians of ${rounds} rounds [min-max], node ${process.version}`,
  );
  write(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
  write('| reader | seconds | MB/s | index is … as fast | peak MiB |');
  write('|---|---|---|---|---|');
  const own = results[0] === undefined ? undefined : secondsOf(results[0]);
  for (const result of results) write(row(result, bytes, own));
}

function row(result: Result, bytes: number, own: Spread | undefined): string {
  if (result.failure !== undefined) return `| ${result.name} | not measured: ${result.failure} | | | |`;
  const seconds = secondsOf(result);
  const peaks = result.runs.flatMap(({ peakBytes }) =>
    peakBytes === undefined ? [] : [peakBytes / 1_048_576],
  );
  const ratio = own === undefined ? '' : `${(seconds.median / own.median).toFixed(3)} ×`;
  const peak = peaks.length === 0 ? 'unknown' : spreadOf(peaks).median.toFixed(0);
  const times = `${seconds.median.toFixed(2)} [${seconds.min.toFixed(2)}-${seconds.max.toFixed(2)}]`;
  return `| ${result.name} | ${times} | ${(bytes / 1e6 / seconds.median).toFixed(0)} | ${ratio} | ${peak} |`;
}

function secondsOf({ runs }: Result): Spread {
  return spreadOf(runs.map(({ seconds }) => seconds));
}

/** All readers get the same plain file: a compressed log is unpacked first, outside of what is measured. */
async function withPlainLog(log: string, use: (plain: string) => Promise<void>): Promise<void> {
  if (!log.endsWith('.gz')) return use(log);
  const folder = await mkdtemp(join(tmpdir(), 'kubeprovenance-bench-'));
  try {
    const plain = join(folder, 'audit.log');
    await pipeline(createReadStream(log), createGunzip(), createWriteStream(plain));
    await use(plain);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const program = new Command('bench')
  .description('Measures `index` beside wc -l, jq, and split2 + JSON.parse on the same log.')
  .argument('<log>', 'an audit log of JSON lines; .gz is unpacked first')
  .option('--rounds <n>', 'how many rounds to take the median of', positiveInteger, 5)
  .action(async (log: string, { rounds }: { rounds: number }) =>
    withPlainLog(log, async (plain) => bench(plain, rounds)),
  );

try {
  await program.parseAsync();
} catch (error) {
  // What the operating system refuses (a missing file) is no fault of ours, and zlib's word on a broken archive neither.
  if (!(error instanceof Error) || !('code' in error)) throw error;
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}
