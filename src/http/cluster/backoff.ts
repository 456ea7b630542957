/** Waiting between attempts, with a clock that tests can move. */
import { setTimeout as delay } from 'node:timers/promises';

/** The time, and waiting for it to pass. */
export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as the signal is aborted: it never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** As Math.random. */
  readonly random: () => number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

/** How waits grow. Source of the shape: k8s.io/apimachinery/pkg/util/wait/backoff.go. */
interface BackoffOptions {
  readonly initialMs: number;
  readonly factor: number;
  /** A wait is longer by up to this part of itself, so that many clients do not come at once. */
  readonly jitter: number;
  readonly maxMs: number;
}

/** A row of waits that grow. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #nextMs: number;

  constructor(options: BackoffOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
    this.#nextMs = options.initialMs;
  }

  /** The next wait, in milliseconds. */
  next(): number {
    const { factor, jitter, maxMs } = this.#options;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(waitMs * factor, maxMs);
    return waitMs * (1 + jitter * this.#random());
  }

  /** Begins again: what was waited for has worked. */
  reset(): void {
    this.#nextMs = this.#options.initialMs;
  }
}
