import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDurationMs } from './duration.ts';

test('durations as Go writes them', () => {
  for (const [text, ms] of [
    ['0', 0],
    ['0s', 0],
    ['500ms', 500],
    ['1.5s', 1500],
    ['1m30s', 90_000],
    ['2h0m1s', 7_201_000],
  ] as const) {
    assert.equal(parseDurationMs(text), ms, text);
  }
  for (const text of ['', '1', '-1s', '1 s', 's', '1d', '1m30', '1..5s', '1e3s']) {
    assert.equal(parseDurationMs(text), undefined, text);
  }
});
