import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SourceStatus } from '../model/source-status.ts';
import { CatchUp } from './catch-up.ts';
import { SOURCE } from './testing/fixture.ts';

/** Sources that go from one state to the next at each look, and stay in the last. */
function looks(...states: readonly (readonly Partial<SourceStatus>[])[]) {
  let look = 0;
  return {
    count: () => look,
    sources: () => {
      const state = states[Math.min(look, states.length - 1)] ?? [];
      look += 1;
      return state.map((source): SourceStatus => Object.assign({}, SOURCE, source));
    },
  };
}

/** Longer than any test. */
const PATIENT_MS = 600_000;

test('an answer waits for what stood in the logs when its request came', async () => {
  const reader = looks(
    [
      { bytesRead: 100, bytesBehind: 40 },
      { bytesRead: 7, bytesBehind: 0 },
    ],
    [
      { bytesRead: 120, bytesBehind: 30 },
      { bytesRead: 7, bytesBehind: 0 },
    ],
    // More has been written since: that is not waited for.
    [
      { bytesRead: 140, bytesBehind: 900 },
      { bytesRead: 7, bytesBehind: 5 },
    ],
    [],
  );
  assert.equal(await new CatchUp(reader, PATIENT_MS).wait(undefined), undefined);
  assert.equal(reader.count(), 3);
});

test('whatever was counted, a source that is read to its end is not waited for', async () => {
  const reader = looks([{ bytesRead: 100, bytesBehind: 40 }], [{ bytesRead: 90, bytesBehind: 0 }]);
  assert.equal(await new CatchUp(reader, PATIENT_MS).wait(undefined), undefined);
});

test('nobody waits for what takes long', async () => {
  const reader = looks([{ bytesRead: 0, bytesBehind: 200_000_000 }]);
  assert.equal(
    await new CatchUp(reader, PATIENT_MS).wait(undefined),
    'still reading: 200000000 bytes of the audit logs are not in this answer yet',
  );
  assert.equal(reader.count(), 1);
});

test('where it takes too long all the same, the answer says what it lacks', async () => {
  const stuck = looks([{ bytesRead: 5, bytesBehind: 12 }]);
  assert.match((await new CatchUp(stuck, 0).wait(undefined)) ?? '', /^still reading: 12 bytes/);
  const gone = AbortSignal.abort();
  assert.match((await new CatchUp(stuck, PATIENT_MS).wait(gone)) ?? '', /^still reading: 12 bytes/);
});

test('one look at the logs serves all who wait', async () => {
  const reader = looks(
    [{ bytesBehind: 1 }],
    [{ bytesBehind: 1 }],
    [{ bytesBehind: 1 }],
    [{ bytesBehind: 0 }],
  );
  const catchUp = new CatchUp(reader, PATIENT_MS);
  await Promise.all([catchUp.wait(undefined), catchUp.wait(undefined), catchUp.wait(undefined)]);
  assert.equal(reader.count(), 4);
});
