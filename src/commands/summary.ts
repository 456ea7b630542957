/** What an index holds, in numbers, for a person and for a program. */
import type { Reader } from '../model/reader.ts';
import type { Drop, Rejection } from '../model/source-status.ts';

/** The numbers. `bytes` are bytes on disk: compressed files count as they are. */
export interface Summary {
  readonly bytes: number;
  readonly seconds: number;
  readonly bytesPerSecond: number;
  readonly events: number;
  readonly versions: number;
  readonly objects: number;
  readonly dropped: Readonly<Partial<Record<Drop | Rejection, number>>>;
  readonly peakMemoryBytes: number;
  readonly problems: readonly string[];
}

/** Sums up what was read. */
export function summarize(reader: Reader, seconds: number): Summary {
  const sources = reader.sources();
  const bytes = sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const histories = [...reader.histories({})];
  return {
    bytes,
    seconds: Math.round(seconds * 1000) / 1000,
    bytesPerSecond: Math.round(bytes / seconds),
    events: sources.reduce((sum, { events }) => sum + events, 0),
    versions: histories.reduce((sum, { versions }) => sum + versions.length, 0),
    objects: histories.length,
    dropped: sumDrops(sources.map(({ dropped }) => dropped)),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    problems: sources.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${problem}`])),
  };
}

function sumDrops(all: readonly Summary['dropped'][]): Summary['dropped'] {
  const sums = new Map<string, number>();
  for (const [reason, times] of all.flatMap((dropped) => Object.entries(dropped))) {
    sums.set(reason, (sums.get(reason) ?? 0) + times);
  }
  return Object.fromEntries(
    [...sums].toSorted(([a, timesA], [b, timesB]) => timesB - timesA || (a < b ? -1 : 1)),
  );
}

/** The numbers as lines of text. */
export function renderSummary(summary: Summary): string {
  const rows: [string, string][] = [
    ['bytes', summary.bytes.toLocaleString('en')],
    ['seconds', `${summary.seconds.toFixed(2)} (${(summary.bytesPerSecond / 1e6).toFixed(1)} MB/s)`],
    ['events', summary.events.toLocaleString('en')],
    ['versions', summary.versions.toLocaleString('en')],
    ['objects', summary.objects.toLocaleString('en')],
    ['peak memory', `${Math.round(summary.peakMemoryBytes / 1_048_576).toLocaleString('en')} MiB`],
    ...Object.entries(summary.dropped).map(([reason, times]): [string, string] => [
      `dropped: ${reason}`,
      times.toLocaleString('en'),
    ]),
    ...summary.problems.map((problem): [string, string] => ['problem', problem]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
