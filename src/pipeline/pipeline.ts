/**
 * The pipeline: sources → batches → merged runs → the index, one backpressured chain under one AbortSignal.
 *
 * Invariants: a source is read on only when what it brought before is in the index (at most a batch a source is under way),
 * so memory does not depend on the size of a log; and the event loop is given back at least every YIELD_AFTER_MS, so that
 * the API answers while gigabytes are read.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { SourcePosition, SourceStatus } from '../model/source-status.ts';
import type { Writer } from '../model/store/writer.ts';
import { readBatches } from './batches.ts';
import { Merger, type Run } from './merge.ts';
import { type ReduceOptions, Reducer } from './reduce/reducer.ts';
import { createRedactor, type Redactor } from './redact/redactor.ts';
import type { Source } from './sources/source.ts';
import { Tally } from './tally.ts';

const YIELD_AFTER_MS = 10;

/** What may be set. */
export interface PipelineOptions extends ReduceOptions {
  /** Longer lines are skipped and counted; in UTF-16 code units. */
  readonly lineLengthMax?: number | undefined;
  /** What is not kept of events; Secrets' values, under a key of the pipeline's own, where it is left out. */
  readonly redactor?: Redactor | undefined;
}

/** A source on its way into the index. */
class Intake {
  readonly source: Source;
  readonly tally = new Tally();
  position: SourcePosition | undefined;
  /** Bytes handed on by the source that are not in the index yet. */
  bytesUnderWay = 0;

  constructor(source: Source) {
    this.source = source;
  }

  status(): SourceStatus {
    const { bytesRead, bytesBehind, problem } = this.source.progress();
    return {
      name: this.source.name,
      position: this.position,
      bytesBehind: bytesBehind + this.bytesUnderWay,
      bytesRead: Math.max(0, bytesRead - this.bytesUnderWay),
      events: this.tally.events,
      versions: this.tally.versions,
      dropped: this.tally.dropped,
      problem,
    };
  }
}

/** Reads sources into an index. */
export class Pipeline {
  readonly #writer: Writer;
  readonly #options: PipelineOptions & { readonly redactor: Redactor };
  readonly #merger = new Merger<Intake>();
  readonly #signal: AbortSignal;

  constructor(writer: Writer, options: PipelineOptions, signal: AbortSignal) {
    this.#writer = writer;
    this.#options = { ...options, redactor: options.redactor ?? createRedactor() };
    this.#signal = signal;
  }

  /** Adds a source, before or while the pipeline runs. */
  addSource(source: Source): void {
    const intake = new Intake(source);
    this.#writer.addSource(() => intake.status());
    this.#merger.add(intake, this.#batchesOf(intake));
  }

  /** No more sources will come: the pipeline ends when they do. */
  noMoreSources(): void {
    this.#merger.close();
  }

  /** Runs until all sources have ended, or the signal aborts (which is no error). */
  async run(): Promise<void> {
    const reducer = new Reducer(this.#writer, this.#options);
    try {
      await pipeline(Readable.from(this.#merger, { highWaterMark: 1 }), (runs) => reduceRuns(runs, reducer), {
        signal: this.#signal,
      });
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }

  async *#batchesOf(intake: Intake): ReturnType<typeof readBatches> {
    for await (const item of readBatches(intake.source, this.#options, this.#signal)) {
      if (item.type === 'batch') intake.bytesUnderWay += item.bytes;
      yield item;
    }
  }
}

async function reduceRuns(runs: AsyncIterable<Run<Intake>>, reducer: Reducer): Promise<void> {
  let turnStartedMs = performance.now();
  for await (const { input, events, completed } of runs) {
    for (const event of events) {
      reducer.reduce(event, input.tally);
      if (performance.now() - turnStartedMs > YIELD_AFTER_MS) {
        await nextTurn();
        turnStartedMs = performance.now();
      }
    }
    if (completed === undefined) continue;
    reducer.flush();
    for (const [reason, times] of completed.rejected) input.tally.count(reason, times);
    input.position = completed.position;
    input.bytesUnderWay -= completed.bytes;
  }
}
