import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentPairs, contents, trickyKeys } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { bareName, formatFieldPath, parseFieldPath, type FieldPath, type FieldStep } from '../field-path.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../json.ts';
import { selectAligned } from './select-aligned.ts';
import { selectField } from './select.ts';

const keys = fc.oneof(
  trickyKeys,
  fc.constantFrom(
    'spec',
    'template',
    'containers',
    'env',
    'ports',
    'users',
    'rows',
    'username',
    'image',
    'value',
  ),
);
const steps: fc.Arbitrary<FieldStep> = fc.oneof(
  { weight: 6, arbitrary: keys.map((key): FieldStep => ({ type: 'key', key })) },
  { weight: 1, arbitrary: fc.nat({ max: 3 }).map((index): FieldStep => ({ type: 'index', index })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<[string, string]>(['name', 'api'], ['username', 'web'], ['protocol', 'TCP'], ['a', '1'])
      .map(([key, value]): FieldStep => ({ type: 'selector', parts: [{ key, value }] })),
  },
);
const fixedPaths = fc
  .constantFrom(
    'spec.template.spec.containers.env.value',
    'spec.template.spec.containers[name=api].image',
    'spec.template.spec.containers.ports[protocol=TCP].containerPort',
    'spec.users[username=web].password',
    'spec.users.password',
    'spec.rows[0]',
    'spec.rows[1][0]',
    'spec.databases',
    'spec.template.spec.containers[0].name',
  )
  .map((text) => parseFieldPath(text));
const paths: fc.Arbitrary<FieldPath> = fc.oneof(
  fixedPaths,
  keys.map((key): FieldPath => [{ type: 'key', key }]),
  fc.array(steps, { minLength: 1, maxLength: 4 }),
);

/** All places of a content with their values, outermost first, and a check of each against the path: slow and plain. */
function naiveSelect(content: JsonObject, path: FieldPath): string[] {
  const all: { location: (string | number)[]; trail: JsonValue[]; value: JsonValue }[] = [];
  const walk = (value: JsonValue, location: (string | number)[], trail: JsonValue[]) => {
    all.push({ location, trail: [...trail, value], value });
    const members = isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
    for (const [key, item] of members) walk(item, [...location, key], [...trail, value]);
  };
  walk(content, [], []);
  const name = bareName(path);
  const hasSpec = Object.hasOwn(content, 'spec');
  return all
    .filter(({ location, trail }) =>
      name === undefined
        ? leads(location, trail, path)
        : location.at(-1) === name && (!hasSpec || (location[0] === 'spec' && location.length > 1)),
    )
    .map(({ location }) => JSON.stringify(location));
}

/** Whether the path leads along this location: each key of it is a step, each position a step or passed over. */
function leads(
  location: readonly (string | number)[],
  trail: readonly JsonValue[],
  path: FieldPath,
): boolean {
  const [at, ...below] = location;
  const [next, ...rest] = path;
  if (at === undefined) return next === undefined;
  if (next === undefined) return false;
  if (typeof at === 'string')
    return next.type === 'key' && next.key === at && leads(below, trail.slice(1), rest);
  if (next.type === 'key') return leads(below, trail.slice(1), path);
  const entry = trail[1];
  const isMeant =
    next.type === 'index'
      ? next.index === at
      : isObject(entry) &&
        next.parts.every(({ key, value }) =>
          Object.hasOwn(entry, key)
            ? typeof entry[key] !== 'object' || entry[key] === null
              ? String(entry[key]) === value
              : false
            : key === 'protocol' &&
              value === 'TCP' &&
              ('containerPort' in entry || Object.hasOwn(entry, 'port')),
        );
  return isMeant && leads(below, trail.slice(1), rest);
}

test('selection finds what a plain walk over all places finds', () => {
  checkProperty(
    fc.property(contents, paths, (content, path) => {
      const found = selectField(content, path).map(({ location }) => JSON.stringify(location));
      assert.deepEqual(found.sort(), naiveSelect(content, path).sort());
    }),
    { runs: 300 },
  );
});

test('aligned selection finds on each side what selection finds there', () => {
  checkProperty(
    fc.property(contentPairs, paths, ([from, to], path) => {
      const aligned = selectAligned(from, to, path);
      for (const [side, content] of [
        ['from', from],
        ['to', to],
      ] as const) {
        const values = aligned.flatMap((found) => (found[side] === undefined ? [] : [found[side]]));
        const expected = selectField(content, path).map(({ value }) => value);
        // Values are the very parts of the contents: counted by identity, compared without order.
        assert.deepEqual(counted(values), counted(expected));
      }
    }),
    { runs: 300 },
  );
});

function counted(values: readonly JsonValue[]): ReadonlyMap<JsonValue, number> {
  const counts = new Map<JsonValue, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const content: JsonObject = {
  metadata: { labels: { app: 'web' } },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          {
            name: 'api',
            image: 'a:1',
            ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
          },
          { name: 'web', image: 'w:1' },
        ],
      },
    },
  },
};

function located(text: string): string[] {
  return selectField(content, parseFieldPath(text)).map(({ location }) => location.join('/'));
}

test('paths, bare names and selectors', () => {
  assert.deepEqual(located('spec.replicas'), ['spec/replicas']);
  assert.deepEqual(located('image'), [
    'spec/template/spec/containers/0/image',
    'spec/template/spec/containers/1/image',
  ]);
  assert.deepEqual(located('app'), [], 'labels are not in the spec');
  assert.deepEqual(located('spec'), ['spec']);
  assert.deepEqual(located('spec.template.spec.containers[name=web].image'), [
    'spec/template/spec/containers/1/image',
  ]);
  assert.deepEqual(located('spec.template.spec.containers.ports[containerPort=80,protocol=TCP]'), [
    'spec/template/spec/containers/0/ports/0',
  ]);
  assert.deepEqual(located('constructor'), []);
});

test('aligned occurrences name the entries of lists by their keys, and positions are taken as asked', () => {
  const from = {
    spec: {
      users: [
        { username: 'p', password: '1' },
        { username: 'q', password: '2' },
      ],
    },
  };
  const to = { spec: { users: [{ username: 'q', password: '3' }] } };
  const shown = (text: string) =>
    selectAligned(from, to, parseFieldPath(text)).map((found) => [
      formatFieldPath(found.path),
      found.from,
      found.to,
    ]);
  assert.deepEqual(shown('password'), [
    ['spec.users[username=p].password', '1', undefined],
    ['spec.users[username=q].password', '2', '3'],
  ]);
  assert.deepEqual(shown('spec.users[0].password'), [['spec.users[0].password', '1', '3']]);
  assert.deepEqual(shown('spec.users[password=2]'), [
    ['spec.users[username=q]', { username: 'q', password: '2' }, undefined],
  ]);
});
