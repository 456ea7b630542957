import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentPairs, jsonObjects } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { formatFieldPath, keyStep, parseFieldPath, type FieldPath } from '../field-path.ts';
import {
  equalJson,
  isArray,
  isObject,
  member,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { chooseListKey, keyTexts } from '../list-keys.ts';
import { canonicalText } from './canonical.ts';
import { diffContents, type Change } from './changes.ts';

test('there are no changes exactly where the contents are equal', () => {
  checkProperty(
    fc.property(contentPairs, ([from, to]) => {
      assert.equal(diffContents(from, to).length === 0, equalJson(from, to));
      assert.deepEqual(diffContents(from, structuredClone(from)), []);
    }),
    { runs: 200 },
  );
});

test('the way back has the changes turned around', () => {
  checkProperty(
    fc.property(contentPairs, ([from, to]) => {
      const count = (changes: readonly Change[], operation: Change['operation']) =>
        changes.filter((change) => change.operation === operation).length;
      const [there, back] = [diffContents(from, to), diffContents(to, from)];
      assert.equal(there.length > 0, back.length > 0);
      const keyed = (changes: readonly Change[]) => changes.every(({ path }) => !/\[\d+\]/.test(path));
      if (!keyed(there) || !keyed(back)) return;
      assert.equal(count(there, 'add'), count(back, 'remove'));
      assert.equal(count(there, 'replace'), count(back, 'replace'));
    }),
  );
});

/**
 * What changes mean: those below a path make the new value there of the old one. Written without alignment of its own:
 * a keyed list is a set of entries by key, the order of which is compared apart; any other list is its removals from the
 * back, then its additions from the front, then its replacements.
 */
function applyChanges(
  path: FieldPath,
  from: JsonValue,
  to: JsonValue,
  changes: readonly Change[],
): JsonValue {
  const here = formatFieldPath(path);
  const whole = changes.find((change) => change.path === here && change.reordered === undefined);
  if (whole !== undefined) return whole.to ?? assert.fail('removed by its parent');
  if (isObject(from)) {
    const keys = [...Object.keys(from), ...(isObject(to) ? Object.keys(to) : [])];
    return Object.fromEntries(
      [...new Set(keys)].flatMap((key): [string, JsonValue][] => {
        const at = [...path, keyStep(key)];
        const change = changes.find((one) => one.path === formatFieldPath(at) && one.reordered === undefined);
        if (change !== undefined) return change.to === undefined ? [] : [[key, change.to]];
        const [before, after] = [member(from, key), isObject(to) ? member(to, key) : undefined];
        return before === undefined ? [] : [[key, applyChanges(at, before, after ?? null, changes)]];
      }),
    );
  }
  return isArray(from) && isArray(to) ? applyToList(path, from, to, changes) : from;
}

function applyToList(path: FieldPath, from: JsonArray, to: JsonArray, changes: readonly Change[]): JsonValue {
  const last = path.at(-1);
  const key = chooseListKey(last?.type === 'key' ? last.key : undefined, [from, to]);
  // Lists without a key are told apart by position on both sides: their changes are tested by example.
  if (key === undefined) return to;
  const step = (entry: JsonValue) => {
    const texts = keyTexts(entry, key) ?? [];
    return {
      type: 'selector',
      parts: key.map(({ name }, i) => ({ key: name, value: texts[i] ?? '' })),
    } as const;
  };
  const result = new Map(from.map((entry) => [formatFieldPath([...path, step(entry)]), entry]));
  for (const [at, entry] of result) {
    const change = changes.find((one) => one.path === at);
    const after = to.find((other) => formatFieldPath([...path, step(other)]) === at);
    if (change !== undefined && change.to === undefined) result.delete(at);
    else result.set(at, applyChanges([...path, step(entry)], entry, after ?? null, changes));
  }
  for (const change of changes) {
    const isEntryHere = to.some((entry) => formatFieldPath([...path, step(entry)]) === change.path);
    if (change.operation === 'add' && isEntryHere && change.to !== undefined)
      result.set(change.path, change.to);
  }
  return [...result.values()];
}

/** The value with the lists that have a key in the order of their texts. */
function withoutOrder(value: JsonValue, field?: string): JsonValue {
  if (isArray(value)) {
    const entries = value.map((entry) => withoutOrder(entry));
    return chooseListKey(field, [value]) === undefined
      ? entries
      : entries.toSorted((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOrder(item, key)]));
}

test('applied to the old content, the changes give the new one, but for the order of keyed lists', () => {
  checkProperty(
    fc.property(fc.oneof(contentPairs, fc.tuple(jsonObjects, jsonObjects)), ([from, to]) => {
      const made = applyChanges([], from, to, diffContents(from, to));
      assert.deepEqual(withoutOrder(made), withoutOrder(to));
    }),
    { runs: 300 },
  );
});

test('every path can be read again', () => {
  checkProperty(
    fc.property(contentPairs, ([from, to]) => {
      for (const { path } of diffContents(from, to))
        assert.equal(formatFieldPath(parseFieldPath(path)), path);
    }),
  );
});

function container(overrides: JsonObject): JsonObject {
  return { spec: { template: { spec: { containers: [{ name: 'api', ...overrides }] } } } };
}
const API = 'spec.template.spec.containers[name=api]';

test('what is added whole is one change, named by its key', () => {
  const one = { name: 'X', value: '1' };
  const other = { name: 'Y', value: '2' };
  assert.deepEqual(diffContents(container({ env: [one] }), container({ env: [one, other] })), [
    { path: `${API}.env[name=Y]`, operation: 'add', to: other },
  ]);
  assert.deepEqual(diffContents(container({ env: [one] }), container({})), [
    { path: `${API}.env`, operation: 'remove', from: [one] },
  ]);
});

test('an entry is followed by its key, wherever it stands', () => {
  const from = container({
    ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
  });
  const to = container({ ports: [{ containerPort: 53, protocol: 'UDP', name: 'd' }] });
  assert.deepEqual(diffContents(from, to), [
    { path: `${API}.ports[containerPort=80,protocol=TCP]`, operation: 'remove', from: { containerPort: 80 } },
    { path: `${API}.ports[containerPort=53,protocol=UDP].name`, operation: 'replace', from: 'dns', to: 'd' },
  ]);
});

test('a mere change of order does not vanish', () => {
  const [a, b, c] = [{ name: 'A' }, { name: 'B' }, { name: 'C' }];
  assert.deepEqual(diffContents(container({ env: [a, b, c] }), container({ env: [b, a] })), [
    { path: `${API}.env`, operation: 'replace', reordered: true, from: ['A', 'B'], to: ['B', 'A'] },
    { path: `${API}.env[name=C]`, operation: 'remove', from: c },
  ]);
  const ports = [{ containerPort: 80 }, { containerPort: 81 }];
  assert.deepEqual(diffContents(container({ ports }), container({ ports: ports.toReversed() })), [
    {
      path: `${API}.ports`,
      operation: 'replace',
      reordered: true,
      from: [
        { containerPort: '80', protocol: 'TCP' },
        { containerPort: '81', protocol: 'TCP' },
      ],
      to: [
        { containerPort: '81', protocol: 'TCP' },
        { containerPort: '80', protocol: 'TCP' },
      ],
    },
  ]);
});

test('lists of scalars keep their longest common part, and are named by position', () => {
  const changes = (from: JsonArray, to: JsonArray) =>
    diffContents({ l: from }, { l: to }).map(({ path, operation }) => `${operation} ${path}`);
  assert.deepEqual(changes(['a', 'b', 'c'], ['b', 'c']), ['remove l[0]']);
  assert.deepEqual(changes(['a', 'b'], ['a', 'b', 'c']), ['add l[2]']);
  assert.deepEqual(changes(['a', 'b', 'c'], ['a', 'x', 'c']), ['replace l[1]']);
  assert.deepEqual(changes(['a', 'b'], ['b', 'a']), ['remove l[0]', 'add l[1]']);
  assert.deepEqual(changes([], ['a']), ['add l[0]']);
});

test('changes stand in document order, what is gone where it was', () => {
  const paths = diffContents({ a: 1, b: 1, c: 1 }, { z: 1, a: 2, c: 2 }).map(({ path }) => path);
  assert.deepEqual(paths, ['z', 'a', 'b', 'c']);
});

test('another type is another value; absence is not null', () => {
  assert.deepEqual(diffContents({ a: [], b: 1, c: null }, { a: {}, b: '1' }), [
    { path: 'a', operation: 'replace', from: [], to: {} },
    { path: 'b', operation: 'replace', from: 1, to: '1' },
    { path: 'c', operation: 'remove', from: null },
  ]);
});

test('before creation and after deletion there is nothing', () => {
  assert.deepEqual(diffContents(undefined, { spec: { a: 1 } }), [
    { path: 'spec', operation: 'add', to: { a: 1 } },
  ]);
  assert.deepEqual(diffContents({ spec: 1 }, undefined), [{ path: 'spec', operation: 'remove', from: 1 }]);
  assert.deepEqual(diffContents(undefined, undefined), []);
});
