import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { histories, makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import { QueryError } from '../errors.ts';
import { parseFieldPath } from '../field-path.ts';
import { isArray, type JsonObject } from '../json.ts';
import type { ObjectHistory } from '../reader.ts';
import { bisect, type BisectPair } from './bisect.ts';
import { selectField, type Location } from './select.ts';

const fields = fc.constantFrom(
  'image',
  'value',
  'name',
  'spec.replicas',
  'spec.template.spec.containers.args',
  'spec.template.spec.containers.env.name',
  'spec.template.spec.containers.ports[protocol=TCP].containerPort',
  'databases',
  'username',
  'spec.users.password',
  'spec.rows',
  'a',
  'constructor',
);
const values = fc.constantFrom(
  'x',
  'y',
  'api',
  'web',
  'nginx:1',
  '1',
  '80',
  'true',
  'null',
  '9007199254740993',
);
const anyPairs = fc.array(fc.record({ field: fields, value: values }), { minLength: 1, maxLength: 3 });
/** Pairs inside one entry of a list: mostly there, and in different entries often enough. */
const entryPairs = fc.oneof(
  pairsOf({ username: ['api', 'web', 'db'], password: ['x', 'y', 'z'] }),
  pairsOf({
    'spec.template.spec.containers.name': ['api', 'web'],
    'spec.template.spec.containers.image': ['nginx:1', 'nginx:2'],
    'spec.template.spec.containers.env.value': ['x', 'y'],
    replicas: ['1', '2'],
  }),
);
const pairLists: fc.Arbitrary<BisectPair[]> = fc.oneof(anyPairs, entryPairs);

/** Some of these fields, each with one of its values. */
function pairsOf(wanted: Readonly<Record<string, readonly string[]>>): fc.Arbitrary<BisectPair[]> {
  const pairs = Object.entries(wanted).map(([field, texts]) =>
    fc.constantFrom(...texts).map((value): BisectPair => ({ field, value })),
  );
  return fc.tuple(...pairs).chain((all) => fc.subarray(all, { minLength: 2 }));
}

/** All ways to choose one of each. */
function combinations<Item>(lists: readonly (readonly Item[])[]): Item[][] {
  return lists.reduce<Item[][]>(
    (made, list) => made.flatMap((some) => list.map((item) => [...some, item])),
    [[]],
  );
}

/** Whether the places part at two entries of one list. */
function partAtEntries(a: Location, b: Location): boolean {
  const index = a.findIndex((key, at) => key !== b[at]);
  return index !== -1 && index < b.length && typeof a[index] === 'number';
}

function holdsNaively(content: JsonObject, pairs: readonly BisectPair[]): boolean {
  const places = pairs.map(({ field, value }) =>
    selectField(content, parseFieldPath(field))
      .filter((found) => {
        const scalars = (isArray(found.value) ? found.value : [found.value]).filter(
          (one) => typeof one !== 'object' || one === null,
        );
        return scalars.some((one) => String(one) === value);
      })
      .map(({ location }) => location),
  );
  return combinations(places).some((chosen) =>
    chosen.every((a, i) => chosen.every((b, j) => i >= j || !partAtEntries(a, b))),
  );
}

test('bisect holds where some combination of occurrences is joint', () => {
  checkProperty(
    fc.property(histories, pairLists, (history, pairs) => {
      const expected = history.versions.map(
        ({ content }) => content !== undefined && holdsNaively(content, pairs),
      );
      let answer;
      try {
        answer = bisect(history, pairs);
      } catch (error) {
        assert.ok(error instanceof QueryError && error.code === 'FIELD_NOT_FOUND');
        assert.ok(!expected.includes(true));
        return;
      }
      const held = history.versions.map(({ number }) =>
        answer.intervals.some(
          ({ from, to }) => number >= Number(from.slice(1)) && (to === null || number < Number(to.slice(1))),
        ),
      );
      assert.deepEqual(held, expected);
      const first = expected.indexOf(true);
      assert.equal(answer.version, first === -1 ? null : `v${first + 1}`);
    }),
    { runs: 300 },
  );
});

function intervals(history: ObjectHistory, ...pairs: [string, string][]): string[] {
  const found = bisect(
    history,
    pairs.map(([field, value]) => ({ field, value })),
  );
  return found.intervals.map(
    ({ from, to, uncertain }) => `${from}-${to ?? ''}${uncertain === true ? '?' : ''}`,
  );
}

function users(...passwords: [string, string][]): JsonObject {
  return { spec: { users: passwords.map(([username, password]) => ({ username, password })) } };
}

test('the seed: the version at which pallavi got pass123', () => {
  const history = makeHistory([
    users(['daniel', 'pass123'], ['pallavi', 'old']),
    users(['daniel', 'new'], ['pallavi', 'old']),
    users(['daniel', 'new'], ['pallavi', 'pass123']),
  ]);
  const answer = bisect(history, [
    { field: 'username', value: 'pallavi' },
    { field: 'password', value: 'pass123' },
  ]);
  assert.deepEqual(answer, {
    kind: 'BisectResult',
    apiVersion: 'kubeprovenance.cloudark.io/v1',
    object: { group: 'apps', resource: 'deployments', namespace: 'shop', name: 'web' },
    query: [
      { field: 'username', value: 'pallavi' },
      { field: 'password', value: 'pass123' },
    ],
    version: 'v3',
    timestamp: answer.timestamp,
    user: 'alice',
    auditID: 'audit-3',
    intervals: [{ from: 'v3', to: null, fromTimestamp: answer.timestamp, toTimestamp: null }],
  });
});

test('replicas and an image are joint; two containers are not', () => {
  const held: JsonObject = {
    spec: {
      replicas: 2,
      containers: [
        { name: 'a', image: 'x', ports: [{ port: 1 }] },
        { name: 'b', image: 'y', ports: [{ port: 2 }, { port: 3 }] },
      ],
    },
  };
  const history = makeHistory([held]);
  assert.deepEqual(intervals(history, ['replicas', '2'], ['image', 'y']), ['v1-']);
  assert.deepEqual(intervals(history, ['image', 'x'], ['name', 'b']), []);
  assert.deepEqual(intervals(history, ['image', 'y'], ['port', '3'], ['replicas', '2']), ['v1-']);
  assert.deepEqual(intervals(history, ['image', 'y'], ['port', '1']), []);
  assert.deepEqual(intervals(history, ['port', '2'], ['port', '3']), []);
});

test('a list of scalars has each of its values', () => {
  const history = makeHistory([{ spec: { l: ['a'] } }, { spec: { l: ['a', 'b'] } }, { spec: { l: ['b'] } }]);
  assert.deepEqual(intervals(history, ['l', 'a']), ['v1-v3']);
  assert.deepEqual(intervals(history, ['l', 'a'], ['l', 'b']), ['v2-v3']);
});

test('scalars are compared by their text', () => {
  const spec = { n: 2, s: '2', t: true, z: null, long: 9007199254740993n, o: {} };
  const history = makeHistory([{ spec }]);
  for (const [field, value] of [
    ['n', '2'],
    ['s', '2'],
    ['t', 'true'],
    ['z', 'null'],
    ['long', '9007199254740993'],
  ] as const) {
    assert.deepEqual(intervals(history, [field, value]), ['v1-'], field);
  }
  assert.deepEqual(intervals(history, ['o', '[object Object]']), []);
});

test('intervals end at deletions, and are uncertain beside versions of unknown content', () => {
  const [yes, no] = [{ spec: { a: 1 } }, { spec: { a: 2 } }];
  const ask = (...held: Parameters<typeof makeHistory>[0]) => intervals(makeHistory(held), ['a', '1']);
  assert.deepEqual(ask(yes, yes, no, yes, 'deleted', yes), ['v1-v3', 'v4-v5', 'v6-']);
  assert.deepEqual(ask(yes, 'unknown', yes, no, 'unknown'), ['v1-v2?', 'v3-v4?']);
  assert.deepEqual(ask(no, 'unknown', no, yes), ['v4-']);
});

test('versions that nothing is known of are named', () => {
  const answer = bisect(makeHistory([{ spec: { a: 1 } }, 'unknown']), [{ field: 'a', value: '2' }]);
  assert.deepEqual([answer.version, answer.intervals, answer.unknownVersions], [null, [], ['v2']]);
});

test('what a version that was not all recorded does not show may have been there', () => {
  const part = (content: JsonObject) => ({ content, contentComplete: false });
  const whole = { content: { spec: { replicas: 3, image: 'a' } } };
  const ask = (made: Parameters<typeof makeVersion>[1][], field: string, value: string) => {
    const versions = made.map((one, index) => makeVersion(index + 1, one));
    return intervals({ key: webKey, versions }, [field, value]);
  };
  const scaled = { ...part({ spec: { replicas: 3 } }), firstSeen: true };
  assert.deepEqual(ask([scaled, whole], 'image', 'a'), ['v2-?']);
  assert.deepEqual(ask([whole, part({ metadata: {} }), whole], 'replicas', '3'), ['v1-v2?', 'v3-?']);
  const other = part({ spec: { replicas: 1 } });
  assert.deepEqual(
    ask([whole, other, whole], 'spec.replicas', '3'),
    ['v1-v2', 'v3-'],
    'another value is known',
  );
  assert.deepEqual(
    ask([whole, other, whole], 'replicas', '3'),
    ['v1-v2?', 'v3-?'],
    'it may occur elsewhere, too',
  );
});

test('who made what an object was first seen with is not known', () => {
  const seen = { firstSeen: true, content: { spec: { image: 'a' } } };
  const versions = [makeVersion(1, seen), makeVersion(2, { content: { spec: { image: 'b' } } })];
  const ask = (value: string) => bisect({ key: webKey, versions }, [{ field: 'image', value }]);
  const { version, user, auditID, intervals: held } = ask('a');
  assert.deepEqual([version, user, auditID, held[0]?.uncertain], ['v1', null, null, true]);
  assert.deepEqual([ask('b').user, ask('b').intervals[0]?.uncertain], ['alice', undefined]);
});

test('questions without sense', () => {
  const history = makeHistory([{ spec: { replicas: 1 } }]);
  assertRefused(() => bisect(history, []), 'PARAMETER_INVALID', /one to 8 pairs/);
  assertRefused(
    () =>
      bisect(
        history,
        Array.from({ length: 9 }, () => ({ field: 'replicas', value: '1' })),
      ),
    'PARAMETER_INVALID',
    /not 9$/,
  );
  assertRefused(
    () => bisect(history, [{ field: 'Replica', value: '1', parameter: 'field2' }]),
    'FIELD_NOT_FOUND',
    /^field2 "Replica" occurs in no version .* did you mean "replicas"\?$/,
  );
  assertRefused(() => bisect(history, [{ field: 'a[', value: '1' }]), 'FIELD_MALFORMED', /a\[/);
});
