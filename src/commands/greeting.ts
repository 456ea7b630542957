/** What a person sees on the terminal: that logs are being read, and once they are, what is served and what to try. */
import { relative } from 'node:path';
import { BASE_PATH } from '../http/api-group.ts';
import type { ObjectHistory, Reader } from '../model/reader.ts';
import { formatResource } from '../model/object-key.ts';
import { formatTime, type Micros } from '../model/time.ts';

const LOOK_MS = 100;
/** What a newcomer is most likely to ask about. */
const WORKLOADS: ReadonlySet<string> = new Set(['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']);

/** Prints that logs are being read, and the greeting as soon as every source is read to its end. */
export function announceWhenRead(
  reader: Reader,
  url: string,
  paths: readonly string[],
  stopped: AbortSignal,
): void {
  if (stopped.aborted) return;
  process.stdout.write(`kubeprovenance serves ${paths.map(shortPath).join(', ')} on ${url}\n`);
  process.stdout.write(readingLine(reader));
  const timer = setInterval(() => {
    if (!isRead(reader)) return;
    clearInterval(timer);
    process.stdout.write(greeting(reader, url));
  }, LOOK_MS);
  timer.unref();
  stopped.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** A path as one would type it here. */
function shortPath(path: string): string {
  const fromHere = relative('.', path);
  return path === '-' || fromHere.startsWith('..') ? path : fromHere;
}

function isRead(reader: Reader): boolean {
  const sources = reader.sources();
  return sources.some(({ events }) => events > 0) && sources.every(({ bytesBehind }) => bytesBehind === 0);
}

/** What is to come, for those who would ask too early. */
export function readingLine(reader: Reader): string {
  const bytes = reader.sources().reduce((sum, { bytesBehind }) => sum + bytesBehind, 0);
  if (bytes === 0) return 'Waiting for audit events…\n';
  return `Reading ${bytes.toLocaleString('en')} bytes… Until that is done, answers are partial, and say so.\n`;
}

/** The greeting's text. */
export function greeting(reader: Reader, url: string): string {
  const events = reader.sources().reduce((sum, source) => sum + source.events, 0);
  const histories = [...reader.histories({})];
  const versions = histories.reduce((sum, history) => sum + history.versions.length, 0);
  const times = histories.flatMap((history) => history.versions.map(({ timestamp }) => timestamp));
  const span = times.length === 0 ? '' : `, ${formatTime(least(times))} to ${formatTime(greatest(times))}`;
  const counts = `${versions.toLocaleString('en')} versions of ${histories.length.toLocaleString('en')} objects`;
  // Who may ask a server with TLS is known to the cluster, and kubectl to it.
  const get = (path: string): string =>
    url.startsWith('https:') ? `kubectl get --raw '${BASE_PATH}${path}'` : `curl '${url}${BASE_PATH}${path}'`;
  const lines = [`Read ${events.toLocaleString('en')} events: ${counts}${span}.`];
  const shown = mostChanged(histories);
  if (shown !== undefined) {
    lines.push('Try:');
    lines.push(`  ${get(`${pathOf(shown)}/versions?output=text`)}`);
    lines.push(`  ${get(`${pathOf(shown)}/diff?output=text`)}`);
  }
  lines.push(`  ${get('/activities?groupBy=user')}`);
  return `${lines.join('\n')}\n`;
}

function pathOf({ key }: ObjectHistory): string {
  const namespace = key.namespace === '' ? '' : `/namespaces/${encodeURIComponent(key.namespace)}`;
  return `${namespace}/${formatResource(key)}/${encodeURIComponent(key.name)}`;
}

/** The workload with the most versions; any object where there is no workload. */
function mostChanged(histories: readonly ObjectHistory[]): ObjectHistory | undefined {
  const workloads = histories.filter(({ key }) => WORKLOADS.has(formatResource(key)));
  const candidates = workloads.length > 0 ? workloads : histories;
  return candidates.reduce<ObjectHistory | undefined>(
    (most, history) => (history.versions.length > (most?.versions.length ?? 0) ? history : most),
    undefined,
  );
}

function least(times: readonly Micros[]): Micros {
  return times.reduce((a, b) => (a < b ? a : b));
}

function greatest(times: readonly Micros[]): Micros {
  return times.reduce((a, b) => (a > b ? a : b));
}
