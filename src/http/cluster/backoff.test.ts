import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Backoff, systemClock } from './backoff.ts';

it('grows by a factor up to a maximum, and begins again when it is reset', () => {
  const backoff = new Backoff({ initialMs: 500, factor: 1.5, jitter: 0.2, maxMs: 1000 }, () => 0);
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next(), backoff.next()], [500, 750, 1000, 1000]);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});

it('is longer by up to the jitter, which does not add up', () => {
  const backoff = new Backoff({ initialMs: 500, factor: 2, jitter: 0.2, maxMs: 9000 }, () => 0.5);
  assert.deepEqual([backoff.next(), backoff.next()], [550, 1100]);
});

it('sleeps no longer than until the signal is aborted', async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(3_600_000, stop.signal);
  stop.abort();
  await sleep;
  await systemClock.sleep(3_600_000, stop.signal);
});
