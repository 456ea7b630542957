import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { commonSubsequence } from './common-subsequence.ts';

const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 });

/** The length of the longest common subsequence, by its definition. */
function naiveLength(from: readonly string[], to: readonly string[]): number {
  const [a, ...as] = from;
  const [b, ...bs] = to;
  if (a === undefined || b === undefined) return 0;
  return a === b ? 1 + naiveLength(as, bs) : Math.max(naiveLength(as, to), naiveLength(from, bs));
}

test('pairs are equal, in order, and as many as can be', () => {
  checkProperty(
    fc.property(lists, lists, (from, to) => {
      const pairs = commonSubsequence(from, to);
      assert.equal(pairs.length, naiveLength(from, to));
      pairs.forEach(([i, j], index) => {
        assert.equal(from[i], to[j]);
        const before = pairs[index - 1];
        if (before !== undefined) assert.ok(before[0] < i && before[1] < j);
      });
    }),
  );
});

test('beyond the limit head and tail still count', () => {
  assert.deepEqual(commonSubsequence(['a', 'x', 'b', 'z'], ['a', 'b', 'y', 'z'], 3), [
    [0, 0],
    [3, 3],
  ]);
});
