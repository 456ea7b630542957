/**
 * The log's word on sources: what is wrong with each, when it appears, changes and goes; and a source that is read to its
 * end without a single audit event, which is most likely a wrong path.
 *
 * States of a source: in order; or with a complaint, which is logged once, however often it is seen.
 */
import type { Logger } from 'pino';
import type { Reader } from '../model/reader.ts';
import { REJECTIONS, type SourceStatus } from '../model/source-status.ts';

const LOOK_MS = 1000;

/** What is wrong; `kind` tells one complaint from the next where the words hold numbers that grow. */
interface Complaint {
  readonly kind: string;
  readonly message: string;
}

type Log = Pick<Logger, 'info' | 'warn'>;

/** Looks every second, until stopped. @param problems what is wrong with folders and globs */
export function watchSources(
  reader: Reader,
  problems: () => readonly string[],
  log: Log,
  stopped: AbortSignal,
): void {
  const watch = new SourceWatch(log);
  // Sources get a second to begin: of standard input nobody knows at once whether it is empty.
  watch.look([], problems());
  const timer = setInterval(() => watch.look(reader.sources(), problems()), LOOK_MS);
  timer.unref();
  stopped.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** What was said already, so that it is not said again. */
export class SourceWatch {
  readonly #log: Log;
  readonly #complaints = new Map<string, Complaint>();
  #problems: readonly string[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Logs what is new. */
  look(sources: readonly SourceStatus[], problems: readonly string[]): void {
    for (const problem of problems) if (!this.#problems.includes(problem)) this.#log.warn(problem);
    this.#problems = problems;
    for (const source of sources) this.#lookAt(source);
  }

  #lookAt(source: SourceStatus): void {
    const { name } = source;
    const before = this.#complaints.get(name);
    const complaint = complaintOf(source);
    if (complaint?.kind === before?.kind) return;
    if (complaint !== undefined) {
      this.#complaints.set(name, complaint);
      this.#log.warn({ source: name }, complaint.message);
    } else {
      this.#complaints.delete(name);
      this.#log.info({ source: name }, `no longer so: ${before?.message ?? ''}`);
    }
  }
}

function complaintOf({
  name,
  problem,
  events,
  bytesBehind,
  bytesRead,
  dropped,
}: SourceStatus): Complaint | undefined {
  if (problem !== undefined) return { kind: `problem ${problem}`, message: problem };
  if (events > 0 || bytesBehind > 0) return undefined;
  const found = `no audit event found in ${name} so far`;
  if (bytesRead === 0) return { kind: 'nothing', message: `${found}: it is missing or empty` };
  const lines = REJECTIONS.flatMap((reason) => {
    const times = dropped[reason] ?? 0;
    return times === 0 ? [] : [`${times} ${reason} line${times === 1 ? '' : 's'}`];
  });
  return { kind: 'no event', message: `${found}: ${lines.join(', ') || 'it has no whole line yet'}` };
}
