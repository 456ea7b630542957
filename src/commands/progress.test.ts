import assert from 'node:assert/strict';
import { it } from 'node:test';
import { megabytes } from './progress.ts';

it('small logs show a decimal, large ones none', () => {
  const sizes = [0, 340_000, 9_940_000, 9_960_000, 10_400_000, 2_000_000_000];
  assert.deepEqual(sizes.map(megabytes), ['0.0', '0.3', '9.9', '10', '10', '2000']);
});
