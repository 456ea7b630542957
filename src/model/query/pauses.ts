/** Work that takes long gives the event loop back now and then, and ends when nobody waits for it any more. */
import { setImmediate } from 'node:timers/promises';

const TURN_MS = 10;

/** A function to call after each step of long work: it waits for other work whenever a turn has lasted long enough. */
export function pauses(signal: AbortSignal | undefined): () => Promise<void> {
  let turnBeganMs = performance.now();
  return async () => {
    if (performance.now() - turnBeganMs < TURN_MS) return;
    await setImmediate();
    signal?.throwIfAborted();
    turnBeganMs = performance.now();
  };
}
