import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../model/json.ts';
import { rawEvent } from '../testing/events.ts';
import { checkProperty } from '../testing/property.ts';
import { RecordReader } from './records.ts';

/** Reads a whole text, cut into chunks of the given sizes in turn. */
function read(
  text: string | Buffer,
  options: { chunkBytes?: number; torn?: boolean; lineLengthMax?: number } = {},
): { ids: string[]; rejected: Record<string, number>; resumeOffset: number } {
  const bytes = Buffer.from(text);
  const chunkBytes = options.chunkBytes ?? bytes.length + 1;
  const reader = new RecordReader(0, options);
  const ids: string[] = [];
  const rejected: Record<string, number> = {};
  const keep = (records: ReturnType<RecordReader['push']>): void => {
    ids.push(...records.events.map((event) => event.auditID));
    for (const [reason, times] of records.rejected) rejected[reason] = (rejected[reason] ?? 0) + times;
  };
  for (let at = 0; at < bytes.length; at += chunkBytes)
    keep(reader.push(bytes.subarray(at, at + chunkBytes)));
  const { resumeOffset } = reader;
  keep(reader.end(options.torn));
  return { ids, rejected, resumeOffset };
}

const one = stringifyJson(rawEvent({ atSeconds: 1 }));
const two = stringifyJson(rawEvent({ atSeconds: 2 }));
const three = stringifyJson(rawEvent({ atSeconds: 3 }));
const all = ['audit-1', 'audit-2', 'audit-3'];

describe('RecordReader on lines', () => {
  it('takes LF, CRLF, a BOM, and a last line without a newline', () => {
    assert.deepEqual(read(`\uFEFF${one}\r\n${two}\n${three}`), {
      ids: all,
      rejected: {},
      resumeOffset: 0 + Buffer.byteLength(`\uFEFF${one}\r\n${two}\n`),
    });
  });

  it('counts empty lines, garbage, and JSON that is no event', () => {
    const { ids, rejected } = read(
      `${one}\n\n \nI1122 klog line\n{"kind":"Pod"}\n"text"\n${two}\n${three}\n`,
    );
    assert.deepEqual(ids, all);
    assert.deepEqual(rejected, { empty: 2, malformed: 1, 'not-an-event': 2 });
  });

  it('skips and counts a line over the limit, and reads on behind it', () => {
    const long = stringifyJson(rawEvent({ fields: { userAgent: 'x'.repeat(5000) } }));
    for (const chunkBytes of [1, 7, 1000, 100_000]) {
      const { ids, rejected } = read(`${one}\n${long}\n${two}\n${three}\n`, {
        chunkBytes,
        lineLengthMax: 2000,
      });
      assert.deepEqual(ids, all);
      assert.deepEqual(rejected, { 'over-long': 1 });
    }
  });

  it('takes an EventList on one line among events', () => {
    const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${two},${three}]}`;
    assert.deepEqual(read(`${one}\n${list}\n`).ids, all);
  });

  it('recovers the whole event that a torn one stands before', () => {
    const { ids, rejected } = read(`${one}\n${two.slice(0, 300)}${two}\n${three}\n`);
    assert.deepEqual(ids, all);
    assert.deepEqual(rejected, { malformed: 1 });
  });

  it('recovers all whole events of a line, and counts it only where something is lost', () => {
    const torn = two.slice(0, 300);
    const four = stringifyJson(rawEvent({ atSeconds: 4 }));
    const cases: [line: string, ids: string[], isLoss: boolean][] = [
      [one + two, ['audit-1', 'audit-2'], false],
      [`${one}  ${two}\t${three}`, all, false],
      [one + torn, ['audit-1'], true],
      [torn + one + three, ['audit-1', 'audit-3'], true],
      [one + torn + three, ['audit-1', 'audit-3'], true],
      [one + two + torn + torn + three, all, true],
      [Array.from({ length: 200 }, () => one).join(''), Array.from({ length: 200 }, () => 'audit-1'), false],
    ];
    for (const [line, ids, isLoss] of cases) {
      const { ids: found, rejected } = read(`${four}\n${line}\n${four}\n`);
      assert.deepEqual(found, ['audit-4', ...ids, 'audit-4']);
      assert.deepEqual(rejected, isLoss ? { malformed: 1 } : {});
    }
  });

  it('does not take a body within a torn event for an event', () => {
    const requestObject = rawEvent({ atSeconds: 9 });
    const body = stringifyJson(rawEvent({ fields: { requestObject, annotations: {} } }));
    const { ids, rejected } = read(`${one}\n${body.slice(0, -1)}\n${two}\n`);
    assert.deepEqual(ids, ['audit-1', 'audit-2']);
    assert.deepEqual(rejected, { malformed: 1 });
  });

  it('rejects a line that nests too deep, and reads on behind it', () => {
    const deep = '['.repeat(5000);
    const body = `{"kind":"Event","requestObject":${deep}${']'.repeat(5000)}}`;
    const { ids, rejected } = read(`${one}\n${deep}\n${body}\n${two}\n${three}\n`);
    assert.deepEqual(ids, all);
    assert.deepEqual(rejected, { 'too-deep': 2 });
  });

  it('counts a torn last line as malformed and gives its start as the place to resume', () => {
    const whole = `${one}\n${two}\n`;
    assert.deepEqual(read(`${whole}${three.slice(0, 50)}`, { torn: true }), {
      ids: ['audit-1', 'audit-2'],
      rejected: { malformed: 1 },
      resumeOffset: whole.length,
    });
  });

  it('reads lines although the first one is damaged', () => {
    assert.deepEqual(read(`${one.slice(0, 100)}\n${two}\n${three}\n`).ids, ['audit-2', 'audit-3']);
    assert.deepEqual(read(`${one.slice(40)}\n${two}\n${three}\n`).ids, ['audit-2', 'audit-3']);
  });
});

describe('RecordReader on documents', () => {
  const pretty = (text: string): string => JSON.stringify(JSON.parse(text), null, 4);
  const eventList = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${one},${two},${three}]}`;
  const sortedList = `{"apiVersion":"audit.k8s.io/v1","items":[${one},${two},${three}],"kind":"EventList"}`;
  const forms = {
    'an EventList': eventList,
    'a pretty-printed EventList': pretty(eventList),
    'an EventList with sorted keys': pretty(sortedList),
    'an array': `[${one},\n${two},${three}]`,
    'a pretty-printed array': pretty(`[${one},${two},${three}]`),
    'pretty-printed events one after the other': [one, two, three].map(pretty).join('\n'),
    'concatenated events': one + two + three,
    'an array of EventLists': pretty(`[${eventList}]`),
  };
  for (const [name, text] of Object.entries(forms)) {
    it(`reads ${name}`, () => {
      for (const chunkBytes of [1, 333, 100_000]) {
        assert.deepEqual(read(text, { chunkBytes }).ids, all, `in chunks of ${chunkBytes}`);
        assert.deepEqual(read(text, { chunkBytes }).rejected, {});
      }
    });
  }

  it('counts a damaged document and goes on with the next', () => {
    const damaged = pretty(two).replace('"verb":', '"verb"');
    const { ids, rejected } = read([pretty(one), damaged, pretty(three)].join('\n'));
    assert.deepEqual(ids, ['audit-1', 'audit-3']);
    assert.deepEqual(rejected, { malformed: 1 });
  });

  it('keeps what an unfinished list had, and counts the rest once', () => {
    const { ids, rejected } = read(pretty(eventList).slice(0, -700));
    assert.deepEqual(ids, ['audit-1', 'audit-2']);
    assert.deepEqual(rejected, { malformed: 1 });
  });

  it('keeps integers exact that a double would round', () => {
    const text = pretty(one).replace('"code": 200', '"code": 200, "large": 12345678901234567890');
    const reader = new RecordReader(0);
    const withBody = text.replace('"verb"', '"requestObject": {"replicas": 12345678901234567890}, "verb"');
    const events = [...reader.push(Buffer.from(withBody)).events, ...reader.end().events];
    assert.deepEqual(events[0]?.requestObject, { replicas: 12345678901234567890n });
  });
});

describe('RecordReader', () => {
  it('yields the same whatever the chunks', () => {
    const line = fc.constantFrom(
      one,
      two,
      three,
      '',
      'garbage',
      '{"a":',
      one.slice(0, 99),
      `${two.slice(0, 70)}${three}`,
    );
    checkProperty(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.boolean(),
        (lines, chunkBytes, lf) => {
          const text = lines.join('\n') + (lf ? '\n' : '');
          const inOne = read(text);
          const inChunks = read(text, { chunkBytes });
          assert.deepEqual(inChunks.ids, inOne.ids);
          assert.deepEqual(inChunks.rejected, inOne.rejected);
        },
      ),
      { runs: 500 },
    );
  });
});
