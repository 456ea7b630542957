/**
 * Several sources' batches → one stream of events in the order of their time, as far as each source's own order has it.
 *
 * Each input is: asked (its next batch is under way), ready (a batch is at hand), idle (caught up and asked: nobody waits
 * for it) or ended. An event is handed on only when no input that is not idle could still bring an earlier one.
 * At most one batch an input is held; an input is asked for more only when its batch is used up.
 */
import type { AuditEvent } from '../model/event.ts';
import type { Batch, Idle } from './batches.ts';

/** Events of one input, in order. `completed` is the batch that they are the last of. */
export interface Run<Input> {
  readonly input: Input;
  readonly events: readonly AuditEvent[];
  readonly completed: Batch | undefined;
}

interface State<Input> {
  readonly input: Input;
  readonly batches: AsyncIterator<Batch | Idle>;
  batch: Batch | undefined;
  next: number;
  idle: boolean;
  ended: boolean;
  asked: boolean;
  failure: Error | undefined;
}

/** Merges inputs; more may be added while it runs. */
export class Merger<Input> implements AsyncIterable<Run<Input>> {
  readonly #states: State<Input>[] = [];
  #wake: () => void = () => undefined;
  #closed = false;

  /** Adds an input. */
  add(input: Input, batches: AsyncIterable<Batch | Idle>): void {
    this.#states.push({
      input,
      batches: batches[Symbol.asyncIterator](),
      batch: undefined,
      next: 0,
      idle: false,
      ended: false,
      asked: false,
      failure: undefined,
    });
    this.#wake();
  }

  /** No more inputs will be added: the stream ends with its inputs. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Run<Input>, void, undefined> {
    try {
      for (;;) {
        for (const state of this.#states) if (needsMore(state)) this.#ask(state);
        const failed = this.#states.find(({ failure }) => failure !== undefined);
        if (failed?.failure !== undefined) throw failed.failure;
        const mustWait = this.#states.some((state) => state.asked && !state.idle);
        const run = mustWait ? undefined : takeRun(this.#states);
        if (run !== undefined) yield run;
        else if (this.#closed && this.#states.every(({ ended }) => ended)) return;
        else await this.#awake();
      }
    } finally {
      for (const { batches, asked } of this.#states) if (!asked) await batches.return?.();
    }
  }

  #ask(state: State<Input>): void {
    state.asked = true;
    state.batches.next().then(
      ({ value, done }) => {
        state.asked = false;
        state.ended = done === true;
        // An idle input stays idle until it brings something.
        state.idle = done !== true && value.type === 'idle';
        if (done !== true && value.type === 'batch') {
          state.batch = value;
          state.next = 0;
        }
        this.#wake();
      },
      (error: unknown) => {
        state.asked = false;
        state.ended = true;
        state.failure = error instanceof Error ? error : new Error(String(error));
        this.#wake();
      },
    );
  }

  async #awake(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
  }
}

function needsMore(state: State<unknown>): boolean {
  return state.batch === undefined && !state.asked && !state.ended;
}

/** The events that come first, up to where another input's come in between; undefined where nothing is at hand. */
function takeRun<Input>(states: readonly State<Input>[]): Run<Input> | undefined {
  let first: State<Input> | undefined;
  let second = Infinity;
  for (const state of states) {
    if (state.batch === undefined) continue;
    if (first === undefined || timeOf(state) < timeOf(first)) {
      if (first !== undefined) second = Math.min(second, timeOf(first));
      first = state;
    } else {
      second = Math.min(second, timeOf(state));
    }
  }
  return first?.batch === undefined ? undefined : takeUpTo(first, first.batch, second);
}

function takeUpTo<Input>(state: State<Input>, batch: Batch, time: number): Run<Input> {
  const start = state.next;
  do state.next += 1;
  while (state.next < batch.events.length && timeOf(state) <= time);
  const events = batch.events.slice(start, state.next);
  const isLast = state.next >= batch.events.length;
  if (isLast) state.batch = undefined;
  return { input: state.input, events, completed: isLast ? batch : undefined };
}

/** When the input's next event took place. A batch without events waits for nobody. */
function timeOf({ batch, next }: State<unknown>): number {
  return batch?.events[next]?.stageTimestamp ?? -Infinity;
}
