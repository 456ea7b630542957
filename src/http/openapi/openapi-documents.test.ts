import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BASE_PATH } from '../api-group.ts';
import { SERVED_API } from '../discovery/served-api.ts';
import { COMMON_PARAMETERS } from '../parameters.ts';
import { ROUTES } from '../routes/index.ts';
import { openApiV2, openApiV3 } from './openapi-documents.ts';
import { operationsOf } from './operations.ts';
import { DEFINITIONS_FILE, generateDefinitions } from './testing/generate-definitions.ts';

const OPERATIONS = operationsOf(ROUTES, SERVED_API);
const V2 = openApiV2(OPERATIONS, '1.2.3');
const V3 = openApiV3(OPERATIONS, '1.2.3');
const OWN = 'io.cloudark.kubeprovenance.v1.';

describe('The generated schemas', () => {
  it('are those of the types as they are now (if not: npm run openapi)', async () => {
    assert.equal(readFileSync(DEFINITIONS_FILE, 'utf8'), await generateDefinitions());
  });
});

/** All values that stand under a key, anywhere in a document. */
function valuesOf(document: unknown, key: string): unknown[] {
  const values: unknown[] = [];
  JSON.stringify(document, (name, value: unknown) => {
    if (name === key) values.push(value);
    return value;
  });
  return values;
}

/** All words used as keys of schemas, wherever one stands. */
function schemaWords(schema: unknown): Set<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const words = new Set<string>();
  for (const [word, value] of Object.entries(schema)) {
    words.add(word);
    const inner: readonly unknown[] = word === 'properties' ? Object.values(value) : [value].flat();
    const isSchema = ['properties', 'items', 'additionalProperties', 'allOf', 'oneOf'].includes(word);
    for (const one of isSchema ? inner : []) schemaWords(one).forEach((found) => words.add(found));
  }
  return words;
}

const V2_WORDS: ReadonlySet<string> = new Set([
  ...'$ref description enum format items properties required type'.split(' '),
  'x-kubernetes-group-version-kind',
  'x-kubernetes-list-type',
  'x-kubernetes-preserve-unknown-fields',
]);

describe('The OpenAPI documents', () => {
  for (const [name, document, schemas, prefix] of [
    ['v2', V2, V2.definitions, '#/definitions/'],
    ['v3', V3, V3.components.schemas, '#/components/schemas/'],
  ] as const) {
    it(`refer in ${name} to nothing that is not in them`, () => {
      const references = new Set(valuesOf(document, '$ref'));
      const known = new Set(Object.keys(schemas).map((schema) => prefix + schema));
      assert.deepEqual(
        [...references].filter((reference) => !known.has(String(reference))),
        [],
      );
      assert.ok(references.size > 10);
    });

    it(`have in ${name} only paths of the group, each with an operation of its own`, () => {
      const paths = Object.keys(document.paths);
      assert.deepEqual(paths, ROUTES.flatMap((route) => route.paths.map(documentPath)).sort());
      assert.ok(paths.every((path) => path.startsWith(`${BASE_PATH}/`)));
      const ids = valuesOf(document, 'operationId');
      assert.equal(new Set(ids).size, paths.length);
    });
  }

  it('have in v2 only words that every reader of Swagger knows', () => {
    const found = schemaWords({ properties: V2.definitions });
    assert.ok(found.has('$ref') && found.has('description'));
    assert.deepEqual([...found.difference(V2_WORDS)], []);
  });

  it('describe every parameter of every route', () => {
    for (const route of ROUTES) {
      for (const path of route.paths.map(documentPath)) {
        const operation = OPERATIONS.find((one) => one.path === path);
        const names = operation?.parameters.filter((one) => one.in === 'query').map((one) => one.name) ?? [];
        const expected = [...route.parameters.names, ...COMMON_PARAMETERS];
        assert.deepEqual(
          expected.filter((name) => !names.includes(name)),
          [],
        );
        assert.equal(names.includes('value'), route.parameters.pairs === true);
        const parts = operation?.parameters.filter((one) => one.in === 'path').map((one) => one.name);
        assert.deepEqual(
          parts,
          [...path.matchAll(/\{(\w+)\}/g)].map(([, part]) => part),
        );
      }
    }
  });

  it('name the kinds by which kubectl explain finds the listed resources', () => {
    for (const { plural, kind } of SERVED_API.resources) {
      const [found] = valuesOf(V3.paths[`${BASE_PATH}/${plural}`], 'x-kubernetes-group-version-kind');
      assert.deepEqual(found, { group: 'kubeprovenance.cloudark.io', kind, version: 'v1' });
      const described = Object.values(V3.components.schemas).filter((schema) =>
        schema['x-kubernetes-group-version-kind']?.some((one) => one['kind'] === kind),
      );
      assert.equal(described.length, 1);
      assert.ok(Object.keys(described[0]?.properties ?? {}).length > 0);
    }
  });

  it('say what null, words and free forms are in each dialect', () => {
    const [v2, v3] = [V2.definitions[`${OWN}BisectResult`], V3.components.schemas[`${OWN}BisectResult`]];
    assert.equal(v2?.properties?.['version']?.type, 'string');
    assert.equal(v2?.properties?.['version']?.nullable, undefined);
    assert.equal(v3?.properties?.['version']?.nullable, true);
    const { code } = V3.components.schemas[`${OWN}Activity`]?.properties ?? {};
    assert.deepEqual([code?.type, code?.format], ['integer', 'int64']);
    const item = V3.components.schemas[`${OWN}SpecHistoryItem`]?.properties;
    assert.deepEqual(item?.['fidelity']?.enum, ['exact', 'derived', 'partial', 'unknown']);
    assert.equal(item?.['spec']?.type, undefined);
    assert.equal(item?.['spec']?.['x-kubernetes-preserve-unknown-fields'], true);
  });

  it('cannot be made for a route that is described nowhere', () => {
    const route = { paths: ['/nowhere'], parameters: { names: [] }, formats: ['json'] } as const;
    assert.throws(() => operationsOf([route], SERVED_API), /no kind is known of what the route \/nowhere/);
    const sources = { ...route, paths: ['/sources'], parameters: { names: ['color'] } };
    assert.throws(() => operationsOf([sources], SERVED_API), /the query parameter color means/);
  });
});

function documentPath(pattern: string): string {
  return `${BASE_PATH}${pattern.replaceAll(/:(\w+)/g, '{$1}')}`;
}
