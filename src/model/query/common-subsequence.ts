/**
 * The longest common subsequence of two lists: what stayed, where no key tells.
 * Invariant: the pairs of positions returned increase on both sides, and what they point to is equal.
 */
import type { JsonArray } from '../json.ts';
import { canonicalText } from './canonical.ts';

/** A position in either list. */
export type PositionPair = readonly [from: number, to: number];

/**
 * How large a table may be built (rows × columns, after equal heads and tails are cut off). Beyond it what is between
 * head and tail counts as having nothing in common: worse to read, still right.
 */
const CELLS_MAX = 1_000_000;

/** Positions of equal entries, as many as can be had in order. */
export function commonSubsequence(from: JsonArray, to: JsonArray, cellsMax = CELLS_MAX): PositionPair[] {
  const symbols = new Map<string, number>();
  const left = from.map((entry) => symbolOf(symbols, canonicalText(entry)));
  const right = to.map((entry) => symbolOf(symbols, canonicalText(entry)));
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && left.at(-1 - tail) === right.at(-1 - tail)) tail += 1;

  const middle = longest(
    left.slice(head, left.length - tail),
    right.slice(head, right.length - tail),
    cellsMax,
  );
  return [
    ...Array.from({ length: head }, (_, index): PositionPair => [index, index]),
    ...middle.map(([i, j]): PositionPair => [head + i, head + j]),
    ...Array.from({ length: tail }, (_, index): PositionPair => [
      left.length - tail + index,
      right.length - tail + index,
    ]),
  ];
}

function longest(left: readonly number[], right: readonly number[], cellsMax: number): PositionPair[] {
  if (left.length * right.length > cellsMax) return [];
  const width = right.length + 1;
  // lengths[i * width + j]: the longest for what follows position i on the left and j on the right.
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: PositionPair[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}

function symbolOf(symbols: Map<string, number>, text: string): number {
  const known = symbols.get(text);
  if (known !== undefined) return known;
  symbols.set(text, symbols.size);
  return symbols.size - 1;
}
