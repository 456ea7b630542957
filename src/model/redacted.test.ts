import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { JsonValue } from './json.ts';
import { holdsRedacted, MARKER_PREFIX } from './redacted.ts';

const MARKER = `${MARKER_PREFIX}AAAAAAAAAAAAAAAAAAAAAA`;

it('a marker is found wherever it stands', () => {
  for (const value of [MARKER, { a: { b: MARKER } }, ['x', null, [{ a: MARKER }]], [false, 0, '', MARKER]]) {
    assert.ok(holdsRedacted(value), JSON.stringify(value));
  }
});

it('what is not a marker is none', () => {
  for (const value of ['', null, 5, 5n, {}, [], `x ${MARKER}`, { [MARKER]: ['x'] }]) {
    assert.ok(!holdsRedacted(value));
  }
});

it('depth does not exhaust the stack', () => {
  let value: JsonValue = MARKER;
  for (let depth = 0; depth < 100_000; depth += 1) value = [value];
  assert.ok(holdsRedacted(value));
});
