import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JSON_DEPTH_MAX, type JsonValue, JsonTooDeep } from '../../model/json.ts';
import { applyMergePatch } from './merge-patch.ts';

describe('applyMergePatch', () => {
  it('does what the examples of RFC 7396 say', () => {
    const cases: [JsonValue, JsonValue, JsonValue][] = [
      [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
      [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
      [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
      [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
      [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
      [
        ['a', 'b'],
        ['c', 'd'],
        ['c', 'd'],
      ],
      [{ a: 'b' }, ['c'], ['c']],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: 'b', c: null }, { a: 'b' }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [document, patch, result] of cases) {
      assert.deepEqual(applyMergePatch(document, patch), result);
    }
  });

  it('refuses a patch that nests too deep instead of exhausting the stack', () => {
    const nested = (levels: number): JsonValue =>
      JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
    assert.deepEqual(applyMergePatch({}, nested(JSON_DEPTH_MAX)), nested(JSON_DEPTH_MAX));
    assert.throws(() => applyMergePatch({}, nested(5000)), JsonTooDeep);
  });
});
