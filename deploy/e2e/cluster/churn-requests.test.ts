import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../../src/testing/property.ts';
import { initialChurn, nextRequest, seededRandom } from './churn-requests.ts';

const STEPS = 200;

test('a lane changes and deletes only what it created and has not deleted', () => {
  checkProperty(
    fc.property(fc.nat(), (seed) => {
      const random = seededRandom(seed);
      const alive = new Set<string>();
      let state = initialChurn('churn-1', 3);
      for (let step = 0; step < STEPS; step += 1) {
        const { request, state: next } = nextRequest(state, random);
        const known = new Set(state.objects.map(({ name }) => name));
        assert.deepEqual(known, alive);
        const touched = [...alive].find((name) => new RegExp(`/${name}(\\?|/|$)`).test(request.path));
        const added = next.objects.filter(({ name }) => !alive.has(name));
        // Either a new object is created, or one that lives is named by the path.
        assert.equal(touched === undefined, added.length === 1, request.path);
        if (request.method === 'DELETE' && touched !== undefined) alive.delete(touched);
        for (const { name } of added) alive.add(name);
        assert.ok(next.objects.length <= 12);
        state = next;
      }
    }),
    { runs: 50 },
  );
});

test('a lane uses every kind of request', () => {
  const random = seededRandom(7);
  let state = initialChurn('churn-0', 0);
  const seen = new Set<string>();
  for (let step = 0; step < 2000; step += 1) {
    const { request, state: next } = nextRequest(state, random);
    seen.add(`${request.method} ${request.contentType ?? ''}`.trim());
    state = next;
  }
  assert.deepEqual([...seen].sort(), [
    'DELETE',
    'PATCH application/apply-patch+yaml',
    'PATCH application/json-patch+json',
    'PATCH application/merge-patch+json',
    'PATCH application/strategic-merge-patch+json',
    'POST',
    'PUT',
  ]);
});

test('the same seed makes the same choices, numbers in [0, 1)', () => {
  const first = seededRandom(42);
  const second = seededRandom(42);
  const numbers = Array.from({ length: 1000 }, () => first());
  assert.deepEqual(
    numbers,
    Array.from({ length: 1000 }, () => second()),
  );
  assert.ok(numbers.every((value) => value >= 0 && value < 1));
  assert.ok(new Set(numbers).size > 990);
});
