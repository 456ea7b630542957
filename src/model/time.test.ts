import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../testing/property.ts';
import { formatTime, micros, parseTime, parseTimeOrAgo } from './time.ts';

describe('parseTime', () => {
  it('agrees with Date on every time, and keeps microseconds', () => {
    const date = fc.date({
      min: new Date('1700-01-01T00:00:00Z'),
      max: new Date('2250-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    checkProperty(
      fc.property(date, fc.integer({ min: 0, max: 999 }), (time, microseconds) => {
        const text = time.toISOString().replace('Z', `${String(microseconds).padStart(3, '0')}Z`);
        assert.equal(parseTime(text), time.getTime() * 1000 + microseconds);
        assert.equal(formatTime(micros(time.getTime() * 1000 + microseconds)), text);
      }),
    );
  });

  it('takes zones, lower case and any number of digits', () => {
    assert.equal(parseTime('2026-11-22T16:21:19+02:00'), parseTime('2026-11-22T14:21:19Z'));
    assert.equal(parseTime('2026-11-22T09:51:19-04:30'), parseTime('2026-11-22T14:21:19Z'));
    assert.equal(parseTime('2026-11-22t14:21:19.5z'), Date.UTC(2026, 10, 22, 14, 21, 19, 500) * 1000);
    assert.equal(parseTime('2026-11-22T14:21:19.123456789Z'), parseTime('2026-11-22T14:21:19.123456Z'));
  });

  it('refuses what is no time', () => {
    const wrong = [
      '',
      'now',
      '2026-11-22',
      '2026-11-22 14:21:19Z',
      '2026-11-22T14:21:19',
      '2026-02-30T00:00:00Z',
      '2026-13-01T00:00:00Z',
    ];
    for (const text of [
      ...wrong,
      '2026-11-22T24:00:00Z',
      '2026-11-22T14:60:00Z',
      '2026-11-22T14:21:60Z',
      '2026-11-22T14:21:19+24:00',
    ]) {
      assert.equal(parseTime(text), undefined, text);
    }
  });
});

describe('parseTimeOrAgo', () => {
  it('takes a time, now, and durations before now', () => {
    const now = micros(Date.UTC(2026, 10, 22) * 1000);
    const ago = (text: string): number => now - (parseTimeOrAgo(text, now) ?? Number.NaN);
    assert.deepEqual(
      ['now', '-30s', 'now-90m', '-2h', '-7d', 'now-2w'].map(ago),
      [0, 30e6, 5400e6, 7200e6, 604_800e6, 1_209_600e6],
    );
    assert.equal(parseTimeOrAgo('2026-11-22T00:00:00Z', now), now);
    for (const text of ['-2', '2h', 'now-2y', '+2h', '-h'])
      assert.equal(parseTimeOrAgo(text, now), undefined);
  });
});
