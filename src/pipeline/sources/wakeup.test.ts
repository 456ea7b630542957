import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Wakeup } from './wakeup.ts';

const NEVER_MS = 2_000_000_000;

describe('Wakeup', () => {
  it('keeps a notice that came while nobody waited', async () => {
    const wakeup = new Wakeup(new AbortController().signal, NEVER_MS);
    wakeup.notify(false);
    assert.equal(await wakeup.wait(), false);
    wakeup.notify(true);
    wakeup.notify(false);
    assert.equal(await wakeup.wait(), true);
  });

  it('wakes by a notice, by the poll and by the abort', async () => {
    const abort = new AbortController();
    const wakeup = new Wakeup(abort.signal, NEVER_MS);
    const noticed = wakeup.wait();
    wakeup.notify(false);
    assert.equal(await noticed, false);
    const aborted = wakeup.wait();
    abort.abort();
    await aborted;
    await wakeup.pause();
    assert.equal(wakeup.aborted, true);
    assert.equal(await new Wakeup(new AbortController().signal, 1).wait(), true);
  });

  it('is not woken from a pause by a notice, and forgets it', async () => {
    const wakeup = new Wakeup(new AbortController().signal, 1);
    let paused = true;
    const pause = wakeup.pause().then(() => (paused = false));
    wakeup.notify(true);
    await Promise.resolve();
    assert.equal(paused, true);
    await pause;
    const wait = wakeup.wait();
    assert.equal(await wait, true);
  });
});
