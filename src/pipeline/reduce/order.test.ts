import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { objectKey } from '../../model/object-key.ts';
import { micros } from '../../model/time.ts';
import { checkProperty } from '../../testing/property.ts';
import { compareResourceVersions, extend, type Extent, isLast, NO_WRITES, orderWrites } from './order.ts';
import type { Effect, Write } from './write.ts';

const GONE: Effect = { type: 'deleted' };
const CHANGED: Effect = { type: 'unrecorded' };

function write(auditID: string, at: number, overrides: Partial<Write> = {}): Write {
  return {
    key: objectKey('apps', 'deployments', 'shop', 'web'),
    operation: 'update',
    actor: { user: 'alice', impersonatedBy: undefined, userAgent: '', sourceIPs: [] },
    auditID,
    timestamp: micros(at),
    requestReceivedTimestamp: micros(at),
    uid: 'u1',
    creates: false,
    resourceVersion: '',
    generation: undefined,
    effect: CHANGED,
    ...overrides,
  };
}

/** The order of some writes, as their audit IDs; the same for every order that they come in. */
function order(...writes: readonly Write[]): string[] {
  const expected = orderWrites(writes).map(({ auditID }) => auditID);
  checkProperty(
    fc.property(fc.shuffledSubarray([...writes], { minLength: writes.length }), (shuffled) => {
      assert.deepEqual(
        orderWrites(shuffled).map(({ auditID }) => auditID),
        expected,
      );
    }),
    { runs: 30 },
  );
  return expected;
}

describe('orderWrites', () => {
  it('goes by the resulting resourceVersion within a uid, as a number', () => {
    const writes = [
      write('c', 3, { resourceVersion: '100' }),
      write('b', 9, { resourceVersion: '99' }),
      write('a', 1, { resourceVersion: '9', creates: true }),
    ];
    assert.deepEqual(order(...writes), ['a', 'b', 'c']);
  });

  it('goes by time where resourceVersions are equal: a no-op, and the end of a finalizer, repeat theirs', () => {
    const writes = [
      write('no-op', 5, { resourceVersion: '7' }),
      write('change', 4, { resourceVersion: '7' }),
    ];
    assert.deepEqual(order(...writes), ['change', 'no-op']);
  });

  it('puts a creation that was answered late before what was done to the object', () => {
    const created = write('create', 63, { resourceVersion: '24324', creates: true });
    const bound = write('bind', 30);
    const patched = write('patch', 20, { resourceVersion: '24330' });
    assert.deepEqual(order(created, bound), ['create', 'bind']);
    assert.deepEqual(order(created, bound, patched), ['create', 'patch', 'bind']);
  });

  it('puts a deletion after every write of its uid, however late those were answered', () => {
    const writes = [
      write('create', 1, { resourceVersion: '10', creates: true }),
      write('slow', 9, { resourceVersion: '11' }),
      write('fast', 3, { resourceVersion: '12' }),
      write('delete', 5, { effect: GONE }),
    ];
    assert.deepEqual(order(...writes), ['create', 'slow', 'fast', 'delete']);
  });

  it('ends one uid before the next begins', () => {
    const writes = [
      write('create-1', 1, { resourceVersion: '10', creates: true }),
      write('delete-1', 12, { effect: GONE }),
      write('create-2', 11, { resourceVersion: '20', creates: true, uid: 'u2' }),
      write('update-2', 13, { resourceVersion: '21', uid: 'u2' }),
    ];
    assert.deepEqual(order(...writes), ['create-1', 'delete-1', 'create-2', 'update-2']);
  });

  it('goes by time alone where nothing else is known', () => {
    const writes = [write('b', 2, { uid: '' }), write('a', 1, { uid: '' }), write('c', 2, { uid: '' })];
    assert.deepEqual(order(...writes), ['a', 'b', 'c']);
  });
});

const anyDraft = fc.record({
  at: fc.integer({ min: 0, max: 12 }),
  uid: fc.constantFrom('', 'u1', 'u2'),
  resourceVersion: fc.constantFrom('', '', '1', '2', '3', '10'),
  creates: fc.boolean(),
  effect: fc.constantFrom(GONE, CHANGED),
});
const anyWrites = fc
  .array(anyDraft, { minLength: 1, maxLength: 9 })
  .map((drafts) => drafts.map(({ at, ...rest }, index) => write(`a-${index}`, at, rest)));

describe('The order of any writes', () => {
  it('is a function of the set, whatever order they come in', () => {
    const shuffled = anyWrites.chain((writes) =>
      fc.tuple(fc.constant(writes), fc.shuffledSubarray(writes, { minLength: writes.length })),
    );
    checkProperty(
      fc.property(shuffled, ([writes, other]) => assert.deepEqual(orderWrites(other), orderWrites(writes))),
      { runs: 1000 },
    );
  });

  it('has the write last that isLast says comes last', () => {
    let last = 0;
    checkProperty(
      fc.property(anyWrites, (writes) => {
        const known = orderWrites(writes.slice(0, -1));
        const extent = known.reduce<Extent>(extend, NO_WRITES);
        const newest = writes.at(-1);
        if (newest === undefined || !isLast(newest, extent)) return;
        last += 1;
        assert.deepEqual(orderWrites(writes), [...known, newest]);
      }),
      { runs: 3000 },
    );
    assert.ok(last > 100, 'the shortcut was taken');
  });
});

describe('compareResourceVersions', () => {
  it('compares integers of any size, and nothing else', () => {
    assert.ok((compareResourceVersions('99999999999999999999', '100000000000000000000') ?? 0) < 0);
    assert.equal(compareResourceVersions('7', '7'), 0);
    for (const other of ['', '0', '07', 'abc', '-1', '1.5'])
      assert.equal(compareResourceVersions('7', other), undefined);
  });
});
