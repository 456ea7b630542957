import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import { QueryError } from '../errors.ts';
import type { ObjectHistory } from '../reader.ts';
import { formatTime, micros, parseTime } from '../time.ts';
import { resolveRange, resolveVersion } from './resolve-version.ts';

const now = parseTime('2026-11-22T12:00:00Z') ?? assert.fail();
const hour = 3_600_000_000;

/** Versions made these many hours before now. */
function historyAt(...hoursAgo: number[]): ObjectHistory {
  return {
    key: webKey,
    versions: hoursAgo.map((hours, index) =>
      makeVersion(index + 1, { timestamp: micros(now - hours * hour) }),
    ),
  };
}

test('numbers, names and times', () => {
  const history = historyAt(30, 20, 10);
  const forms: readonly [string, number][] = [
    ['v2', 2],
    ['2', 2],
    ['V2', 2],
    ['first', 1],
    ['latest', 3],
    ['-20h', 2],
    ['now-19h', 2],
    ['now', 3],
    ['2026-11-21T16:00:00Z', 2],
    ['2026-11-21T17:59:59+02:00', 1],
  ];
  for (const [text, number] of forms) assert.equal(resolveVersion(history, text, now).number, number, text);
});

test('what is unknown or malformed says what there is', () => {
  const history = historyAt(30, 20);
  assertRefused(
    () => resolveVersion(history, 'v9', now),
    'VERSION_NOT_FOUND',
    /"web".* has versions v1 to v2$/,
  );
  assertRefused(() => resolveVersion(history, '0', now), 'VERSION_NOT_FOUND', /versions v1 to v2/);
  assertRefused(() => resolveVersion(historyAt(1), 'v2', now), 'VERSION_NOT_FOUND', /has one version, v1$/);
  assertRefused(
    () => resolveVersion(history, 'newest', now),
    'VERSION_MALFORMED',
    /give v1, 1, first or latest/,
  );
  assertRefused(
    () => resolveVersion(history, '2026-02-30T00:00:00Z', now),
    'VERSION_MALFORMED',
    /no version/,
  );
  assertRefused(
    () => resolveVersion(history, '2026-11-22T12:00:00 02:00', now),
    'VERSION_MALFORMED',
    /"\+" of a time zone is written %2B/,
  );
  assertRefused(
    () => resolveVersion(history, '-31h', now, 'start'),
    'TIME_BEFORE_HISTORY',
    /^start .* starts at 2026-11-21T06:00:00\.000000Z$/,
  );
});

test('a time means the newest version at or before it', () => {
  const times = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 8 });
  checkProperty(
    fc.property(times, fc.nat({ max: 20 }), (stamps, at) => {
      const versions = stamps.map((stamp, index) =>
        makeVersion(index + 1, { timestamp: micros(stamp * hour) }),
      );
      let expected: number | string = 'TIME_BEFORE_HISTORY';
      for (const version of versions) if (version.timestamp <= at * hour) expected = version.number;
      let found: number | string;
      try {
        found = resolveVersion({ key: webKey, versions }, formatTime(micros(at * hour)), now).number;
      } catch (error) {
        assert.ok(error instanceof QueryError);
        found = error.code;
      }
      assert.equal(found, expected);
    }),
  );
});

test('by default a range is the latest version with the one before it', () => {
  const history = makeHistory([{ a: 1 }, { a: 2 }, { a: 3 }]);
  const numbers = (texts: { start?: string; end?: string }) => {
    const { start, end } = resolveRange(history, texts, now);
    return [start?.number, end.number];
  };
  assert.deepEqual(numbers({}), [2, 3]);
  assert.deepEqual(numbers({ end: 'v2' }), [1, 2]);
  assert.deepEqual(numbers({ end: 'v1' }), [undefined, 1]);
  assert.deepEqual(numbers({ start: 'v1' }), [1, 3]);
  assertRefused(() => resolveRange(history, { start: 'x' }, now), 'VERSION_MALFORMED', /^start "x"/);
});
