import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spreadOf } from './statistics.ts';

describe('spreadOf', () => {
  it('takes the middle of an odd number of values, and between the middle two of an even one', () => {
    assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
    assert.deepEqual(spreadOf([4, 1, 2, 10]), { min: 1, median: 3, max: 10 });
    assert.deepEqual(spreadOf([7]), { min: 7, median: 7, max: 7 });
  });
});
