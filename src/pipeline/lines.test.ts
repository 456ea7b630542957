import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../testing/property.ts';
import { LineSplitter } from './lines.ts';

function split(chunks: readonly Buffer[], lineLengthMax: number): { lines: string[]; overLong: number } {
  const splitter = new LineSplitter(lineLengthMax);
  const lines = chunks.flatMap((chunk) => splitter.push(chunk));
  lines.push(...splitter.end());
  return { lines, overLong: splitter.overLongCount };
}

/** The naive reference: the whole text at once. */
function splitWhole(text: string, lineLengthMax: number): { lines: string[]; overLong: number } {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  const lines = all.filter((line) => line.length <= lineLengthMax);
  return { lines, overLong: all.length - lines.length };
}

describe('LineSplitter', () => {
  it('yields the lines of the whole under any chunking, and counts those that are too long', () => {
    const piece = fc.constantFrom('a', 'bb', '\n', '\n\n', 'é', '😀', '\r\n', 'x'.repeat(9), 'y'.repeat(30));
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    checkProperty(
      fc.property(
        text,
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        (whole, cuts, max) => {
          const bytes = Buffer.from(whole);
          const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const chunks = [0, ...at].map((start, index) => bytes.subarray(start, at[index] ?? bytes.length));
          assert.deepEqual(split(chunks, max), splitWhole(whole, max));
        },
      ),
      { runs: 1000 },
    );
  });

  it('passes a line of 16 MiB in chunks of 1 MiB', () => {
    const line = 'x'.repeat(16 * 1024 * 1024);
    const bytes = Buffer.from(`${line}\nnext\n`);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 1_048_576) }, (_, index) =>
      bytes.subarray(index * 1_048_576, (index + 1) * 1_048_576),
    );
    const { lines, overLong } = split(chunks, 16 * 1024 * 1024);
    assert.equal(overLong, 0);
    assert.deepEqual(
      lines.map((each) => each.length),
      [line.length, 4],
    );
  });

  it('knows how many bytes it holds back', () => {
    const splitter = new LineSplitter(100);
    splitter.push(Buffer.from('one\ntw'));
    assert.equal(splitter.heldBytes, 2);
    splitter.push(Buffer.from('o'));
    assert.equal(splitter.heldBytes, 3);
    splitter.push(Buffer.from('\n'));
    assert.equal(splitter.heldBytes, 0);
  });
});
