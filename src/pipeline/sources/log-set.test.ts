import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { orderNames, parseLogName } from './log-set.ts';

function order(names: readonly string[]): string[] {
  return orderNames(names).map((member) => member.name);
}

describe('parseLogName', () => {
  const cases: readonly (readonly [name: string, base: string, rotated: boolean, closed: boolean])[] = [
    ['audit.log', 'audit.log', false, false],
    ['audit.log.gz', 'audit.log', false, true],
    ['audit-2026-11-22T14-21-19.278.log', 'audit.log', true, true],
    ['audit-2026-11-22T14-21-19.278.log.gz', 'audit.log', true, true],
    ['audit-2026-11-22T14-21-19.278', 'audit', true, true],
    ['audit-2026-11-22T14-21-19.278.zst', 'audit', true, true],
    ['kube.audit-2026-11-22T14-21-19.278.json', 'kube.audit.json', true, true],
    ['audit.log.1', 'audit.log', true, false],
    ['audit.log.12.gz', 'audit.log', true, true],
    ['audit.log-20261122', 'audit.log', true, false],
    ['audit.log-20261122.gz', 'audit.log', true, true],
    ['audit.log-20261122-1763820079', 'audit.log', true, false],
    ['0.log.20261122-142119.gz', '0.log', true, true],
    ['audit-policy.log', 'audit-policy.log', false, false],
    ['audit-20269922', 'audit-20269922', false, false],
  ];
  for (const [name, base, rotated, closed] of cases) {
    it(`knows ${name}`, () => {
      const parsed = parseLogName(name);
      assert.deepEqual([parsed.base, parsed.rotated, parsed.closed], [base, rotated, closed]);
    });
  }
});

describe('orderNames', () => {
  const ordered: readonly (readonly string[])[] = [
    [
      'audit-2026-11-21T23-59-59.999.log.gz',
      'audit-2026-11-22T14-21-19.277.log.zst',
      'audit-2026-11-22T14-21-19.278.log',
      'audit.log',
    ],
    ['audit.log.10.gz', 'audit.log.9.gz', 'audit.log.2', 'audit.log.1', 'audit.log'],
    ['audit.log-20261121', 'audit.log-20261122-1763820079', 'audit.log-20261122-1763820080', 'audit.log'],
    ['0.log.20261122-142119.gz', '0.log.20261122-142120', '0.log'],
  ];
  for (const names of ordered) {
    it(`puts ${names.length} files of ${names.at(-1) ?? ''} in order, whatever order they are found in`, () => {
      checkProperty(
        fc.property(fc.shuffledSubarray([...names], { minLength: names.length }), (shuffled) => {
          assert.deepEqual(order(shuffled), names);
        }),
        { runs: 30 },
      );
    });
  }

  it('takes the plain file while it is being compressed', () => {
    assert.deepEqual(order(['audit.log.1.gz', 'audit.log.1', 'audit.log']), ['audit.log.1', 'audit.log']);
    assert.deepEqual(order(['audit.log.1', 'audit.log.1.gz', 'audit.log']), ['audit.log.1', 'audit.log']);
  });

  it('takes one of two archives, always the same', () => {
    assert.deepEqual(order(['audit.log.1.zst', 'audit.log.1.gz']), ['audit.log.1.gz']);
    assert.deepEqual(order(['audit.log.1.gz', 'audit.log.1.zst']), ['audit.log.1.gz']);
  });
});
