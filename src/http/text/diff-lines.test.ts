import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { diffLines } from './diff-lines.ts';

test('a changed line stands between three lines of context', () => {
  const from = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  const to = from.with(4, 'E');
  assert.deepEqual(diffLines(from, to), [
    '@@ -2,7 +2,7 @@',
    '  b',
    '  c',
    '  d',
    '- e',
    '+ E',
    '  f',
    '  g',
    '  h',
  ]);
});

test('changes far apart make two hunks, near ones one', () => {
  const from = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const far = diffLines(from, from.with(0, 'first').with(19, 'last'));
  assert.deepEqual(
    far.filter((line) => line.startsWith('@@')),
    ['@@ -1,4 +1,4 @@', '@@ -17,4 +17,4 @@'],
  );
  const near = diffLines(from, from.with(3, 'x').with(9, 'y'));
  assert.deepEqual(
    near.filter((line) => line.startsWith('@@')),
    ['@@ -1,13 +1,13 @@'],
  );
});

test('a text that came or went', () => {
  assert.deepEqual(diffLines([], ['a', 'b']), ['@@ -0,0 +1,2 @@', '+ a', '+ b']);
  assert.deepEqual(diffLines(['a'], []), ['@@ -1,1 +0,0 @@', '- a']);
  assert.deepEqual(diffLines(['a'], ['a']), []);
});

const texts = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });

/** What a hunk header says. */
function parseHeader(line: string): { from: number; fromCount: number; to: number; toCount: number } {
  const match = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
  assert.ok(match, `${line} is no hunk header`);
  const [, from, fromCount, to, toCount] = match.map(Number);
  return { from: from ?? 0, fromCount: fromCount ?? 0, to: to ?? 0, toCount: toCount ?? 0 };
}

test('applied to the old lines, the diff gives the new ones', () => {
  checkProperty(
    fc.property(texts, texts, (from, to) => {
      const applied: string[] = [];
      let taken = 0;
      for (const line of diffLines(from, to)) {
        if (line.startsWith('@@')) {
          const header = parseHeader(line);
          const start = header.fromCount === 0 ? header.from : header.from - 1;
          applied.push(...from.slice(taken, start));
          taken = start;
          assert.equal(applied.length, header.toCount === 0 ? header.to : header.to - 1);
        } else {
          if (!line.startsWith('+')) assert.equal(from[taken++], line.slice(2));
          if (!line.startsWith('-')) applied.push(line.slice(2));
        }
      }
      assert.deepEqual([...applied, ...from.slice(taken)], to);
    }),
  );
});
