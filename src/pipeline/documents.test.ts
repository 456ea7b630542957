import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isArray, isObject, stringMember } from '../model/json.ts';
import { rawEvent } from '../testing/events.ts';
import { checkProperty } from '../testing/property.ts';
import { DocumentSplitter } from './documents.ts';

/** Events with nested objects that stand on lines of their own when they are pretty-printed. */
const events = Array.from({ length: 10 }, (_, index) =>
  rawEvent({
    atSeconds: index,
    fields: {
      requestObject: { containers: [{ name: 'a', ports: [{ port: 1 }] }, { name: 'b' }], grid: [[1], [2]] },
    },
  }),
);
const idsOf = (indexes: readonly number[]): string[] => indexes.map((index) => `audit-${index}`);
const allBut = (lost: readonly number[]): string[] =>
  idsOf(
    events
      .keys()
      .toArray()
      .filter((index) => !lost.includes(index)),
  );

function read(
  text: string,
  { valueLengthMax = 1e6, chunkLength = 1e9 } = {},
): { ids: (string | undefined)[]; rejected: string[] } {
  const rejected: string[] = [];
  const splitter = new DocumentSplitter(valueLengthMax, (reason) => rejected.push(reason));
  const values = [];
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkLength)
    values.push(...splitter.push(bytes.subarray(at, at + chunkLength)));
  values.push(...splitter.end());
  // What remains of a list is a value as well.
  const found = values.filter(
    (value) => !isArray(value) && (!isObject(value) || stringMember(value, 'kind') !== 'EventList'),
  );
  return {
    ids: found.map((value) => (isObject(value) ? stringMember(value, 'auditID') : `no object`)),
    rejected,
  };
}

type Damage = (event: string) => string;
type Form = (damage: (index: number, event: string) => string) => string;

const pretty = (value: unknown, indent: number): string =>
  JSON.stringify(value, null, 4).replaceAll('\n', `\n${' '.repeat(indent)}`);

const forms: Record<string, Form> = {
  'an array with a line an event': (damage) =>
    `[${events.map((event, index) => damage(index, JSON.stringify(event))).join(',\n')}]\n`,
  'a pretty-printed array': (damage) =>
    `[\n    ${events.map((event, index) => damage(index, pretty(event, 4))).join(',\n    ')}\n]\n`,
  'a pretty-printed EventList': (damage) =>
    `{\n    "kind": "EventList",\n    "metadata": {},\n    "items": [\n        ${events
      .map((event, index) => damage(index, pretty(event, 8)))
      .join(',\n        ')}\n    ]\n}\n`,
  'an EventList with sorted keys': (damage) =>
    `{\n    "apiVersion": "audit.k8s.io/v1",\n    "items": [\n        ${events
      .map((event, index) => damage(index, pretty(event, 8)))
      .join(',\n        ')}\n    ],\n    "kind": "EventList",\n    "metadata": {}\n}\n`,
  'pretty-printed events one after the other': (damage) =>
    events.map((event, index) => `${damage(index, pretty(event, 0))}\n`).join(''),
};

const damages: Record<string, Damage> = {
  'torn in a string': (event) => event.slice(0, event.indexOf('"user"') + 3),
  'torn before a value': (event) => event.slice(0, event.indexOf('"user":') + 7),
  'torn in a nested list': (event) => event.slice(0, event.indexOf('"port"')),
  'without a colon': (event) => event.replace('"verb":', '"verb"'),
  'with one quote too many': (event) => event.replace('"alice"', '"al"ice"'),
  'without its opening brace': (event) => event.slice(1),
  'without its closing brace': (event) => event.slice(0, -1),
  'with bytes of something else': (event) => event.replace('"level"', '\0\0\0\0'),
};

describe('DocumentSplitter on damage', () => {
  for (const [form, write] of Object.entries(forms)) {
    it(`reads ${form} where nothing is damaged`, () => {
      assert.deepEqual(read(write((_, event) => event)), { ids: allBut([]), rejected: [] });
    });
    for (const [name, damage] of Object.entries(damages)) {
      it(`keeps all other events of ${form} with one that is ${name}`, () => {
        for (const lost of [0, 2, 9]) {
          const text = write((index, event) => (index === lost ? damage(event) : event));
          assert.deepEqual(read(text), { ids: allBut([lost]), rejected: ['malformed'] }, `event ${lost}`);
        }
      });
      it(`counts two that are ${name} in ${form}`, () => {
        const text = write((index, event) => (index === 2 || index === 6 ? damage(event) : event));
        assert.deepEqual(read(text), { ids: allBut([2, 6]), rejected: ['malformed', 'malformed'] });
      });
    }
  }

  it('loses no event to a comma that is missing or doubled', () => {
    for (const write of Object.values(forms)) {
      for (const edit of [',,\n', '\n']) {
        const text = write((index, event) => (index === 4 ? `@${event}` : event)).replace(
          /(?:,\s*|\s*)@/,
          edit,
        );
        assert.deepEqual(read(text).ids, allBut([]));
      }
    }
  });

  it('keeps what was complete on the same line', () => {
    const [first, second, third] = events.map((event) => JSON.stringify(event));
    assert.deepEqual(read(`[${first},${second},${third?.slice(0, 50)}\n]`), {
      ids: idsOf([0, 1]),
      rejected: ['malformed'],
    });
  });

  it('yields the same whatever the chunks', () => {
    checkProperty(
      fc.property(
        fc.constantFrom(...Object.values(forms)),
        fc.constantFrom(...Object.values(damages)),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5000 }),
        (write, damage, at, chunkLength) => {
          const text = write((index, event) => (index === at ? damage(event) : event));
          assert.deepEqual(read(text, { chunkLength }), read(text));
        },
      ),
      { runs: 100 },
    );
  });
});

describe('DocumentSplitter on limits', () => {
  it('skips a value longer than the limit, and takes the others', () => {
    const long = rawEvent({ atSeconds: 99, fields: { requestObject: { text: 'x'.repeat(50_000) } } });
    const many = rawEvent({
      atSeconds: 99,
      fields: { requestObject: { list: Array.from({ length: 9000 }, () => ({})) } },
    });
    for (const write of Object.values(forms)) {
      for (const value of [long, many]) {
        const text = write((index, event) => (index === 3 ? pretty(value, 4) : event));
        assert.deepEqual(read(text, { valueLengthMax: 20_000 }), {
          ids: allBut([3]),
          rejected: ['over-long'],
        });
      }
    }
  });

  it('does not hold a string without end', () => {
    for (const start of ['', '[', '{"items":[']) {
      const text = `${start}"${'x'.repeat(100_000)}`;
      assert.deepEqual(read(text, { valueLengthMax: 20_000 }).rejected, ['over-long']);
    }
  });

  it('rejects what nests too deep once, and reads on behind it', () => {
    for (const levels of ['['.repeat(5000), '{"kind":"EventList","items":['.repeat(5000)]) {
      const text = `${levels}\n${events.map((event) => pretty(event, 0)).join('\n')}`;
      assert.deepEqual(read(text), { ids: allBut([]), rejected: ['too-deep'] });
    }
  });

  it('counts what nests too deep over many lines once', () => {
    for (const level of ['[\n', '{"kind":"EventList","items":[\n'])
      assert.deepEqual(read(level.repeat(5000)), { ids: [], rejected: ['too-deep'] });
  });
});
