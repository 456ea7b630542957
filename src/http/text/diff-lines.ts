/**
 * The lines that differ between two texts, in hunks as `git diff` shows them.
 */
import { commonSubsequence } from '../../model/query/common-subsequence.ts';

/** How many lines around a change are shown. */
const CONTEXT_LINES = 3;

/** One line of a diff, with the number of lines that came before it on each side. */
interface DiffLine {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Lines marked ` `, `-` or `+`, under `@@ -from,count +to,count @@` headers. No lines where the texts are equal. */
export function diffLines(from: readonly string[], to: readonly string[]): string[] {
  return hunksOf(mergeLines(from, to)).flatMap(hunkLines);
}

function mergeLines(from: readonly string[], to: readonly string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  const at = { from: 0, to: 0 };
  const push = (mark: DiffLine['mark'], text: string): void => {
    lines.push({ mark, text, ...at });
    if (mark !== '+') at.from += 1;
    if (mark !== '-') at.to += 1;
  };
  const end = [from.length, to.length] as const;
  for (const [nextFrom, nextTo] of [...commonSubsequence(from, to), end]) {
    for (const gone of from.slice(at.from, nextFrom)) push('-', gone);
    for (const come of to.slice(at.to, nextTo)) push('+', come);
    for (const stayed of from.slice(nextFrom, nextFrom + 1)) push(' ', stayed);
  }
  return lines;
}

/** Changes that are no further apart than their context share a hunk. */
function hunksOf(lines: readonly DiffLine[]): DiffLine[][] {
  const hunks: DiffLine[][] = [];
  let shownTo = 0;
  for (const [index, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const start = Math.max(index - CONTEXT_LINES, shownTo);
    const end = Math.min(index + CONTEXT_LINES + 1, lines.length);
    const hunk = hunks.at(-1);
    if (hunk === undefined || start > shownTo) hunks.push(lines.slice(start, end));
    else hunk.push(...lines.slice(start, end));
    shownTo = end;
  }
  return hunks;
}

function hunkLines(hunk: readonly DiffLine[]): string[] {
  return [header(hunk), ...hunk.map(({ mark, text }) => (text === '' ? mark.trimEnd() : `${mark} ${text}`))];
}

function header(hunk: readonly DiffLine[]): string {
  const [first] = hunk;
  const range = (before: number, other: '-' | '+'): string => {
    const count = hunk.filter(({ mark }) => mark !== other).length;
    // An empty side is numbered by the line before it, as in POSIX diff -u.
    return `${count === 0 ? before : before + 1},${count}`;
  };
  return `@@ -${range(first?.from ?? 0, '+')} +${range(first?.to ?? 0, '-')} @@`;
}
