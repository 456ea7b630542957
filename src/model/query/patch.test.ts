import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffApply } from 'just-diff-apply';
import { contentPairs, jsonObjects } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import {
  equalJson,
  isArray,
  isObject,
  member,
  parseJson,
  stringifyJson,
  type JsonObject,
  type JsonValue,
} from '../json.ts';
import { makePatch, type PatchOperation } from './patch.ts';

/** RFC 6902 by the letter, on immutable values. */
function applyPatch(document: JsonValue, operations: readonly PatchOperation[]): JsonValue {
  return operations.reduce((value, operation) => {
    assert.equal(operation.op === 'remove', operation.value === undefined);
    return applyAt(value, tokensOf(operation.path), operation);
  }, document);
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function applyAt(
  value: JsonValue,
  tokens: readonly string[],
  { op, value: written, path }: PatchOperation,
): JsonValue {
  const [token = assert.fail('the root is never replaced'), ...rest] = tokens;
  const isHere = rest.length === 0;
  if (isArray(value)) {
    const index = Number(token);
    const limit = isHere && op === 'add' ? value.length : value.length - 1;
    assert.ok(/^(0|[1-9]\d*)$/.test(token) && index <= limit, `${path} does not exist`);
    if (!isHere)
      return value.with(
        index,
        applyAt(value[index] ?? null, rest, {
          op,
          path,
          ...(written === undefined ? {} : { value: written }),
        }),
      );
    return value.toSpliced(index, op === 'add' ? 0 : 1, ...(written === undefined ? [] : [written]));
  }
  assert.ok(isObject(value), `${path} leads through a scalar`);
  const known = member(value, token);
  assert.ok(known !== undefined || (isHere && op === 'add'), `${path} does not exist`);
  const item = isHere
    ? written
    : applyAt(known ?? null, rest, { op, path, ...(written === undefined ? {} : { value: written }) });
  const others = Object.entries(value).filter(([key]) => key !== token);
  return Object.fromEntries(item === undefined ? others : [...others, [token, item]]);
}

test('a patch makes the end of the start, whatever the keys are', () => {
  checkProperty(
    fc.property(fc.oneof(contentPairs, fc.tuple(jsonObjects, jsonObjects)), ([from, to]) => {
      const made = applyPatch(from, makePatch(from, to));
      assert.ok(equalJson(made, to), stringifyJson({ from, to, made }));
    }),
    { runs: 500 },
  );
});

test('just-diff-apply makes the end of the start, but for the keys that it refuses', () => {
  const refused = /__proto__|constructor|prototype|toString/;
  checkProperty(
    fc.property(contentPairs, ([from, to]) => {
      const patch = makePatch(from, to);
      fc.pre(!refused.test(stringifyJson([from, to])));
      const copy = parseJson(stringifyJson(from));
      assert.ok(isObject(copy));
      diffApply(
        copy,
        patch.map(({ op, path, value }) => ({ op, path: tokensOf(path), value })),
      );
      assert.deepEqual(copy, parseJson(stringifyJson(to)));
    }),
  );
});

function shown(from: JsonObject, to: JsonObject): string[] {
  return makePatch(from, to).map(({ op, path, value }) =>
    `${op} ${path} ${stringifyJson(value) ?? ''}`.trim(),
  );
}

test('keys are escaped', () => {
  assert.deepEqual(shown({ 'a/b~c': 1 }, { 'a/b~c': 2 }), ['replace /a~1b~0c 2']);
});

test('members of Object.prototype are keys like others', () => {
  assert.deepEqual(shown({ l: {} }, { l: { constructor: 'x' } }), ['add /l/constructor "x"']);
  assert.deepEqual(shown({ l: [{ toString: 'x' }, {}] }, { l: [{}] }), ['remove /l/0']);
});

test('an entry removed at the head of a list of objects is one removal', () => {
  const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
  assert.deepEqual(shown({ l: [a, b, c] }, { l: [b, c] }), ['remove /l/0']);
});

test('where just-diff is wrong, the list is replaced, and nothing else', () => {
  const from = { k: 1, l: ['x', 'y', { o: { gone: 1, kept: 1 } }, 'z'] };
  const to = { k: 2, l: ['y', { o: { kept: 1 } }, 'z'] };
  assert.deepEqual(shown(from, to), ['replace /k 2', 'replace /l ["y",{"o":{"kept":1}},"z"]']);
});

test('long integers stay what they are', () => {
  assert.deepEqual(shown({ a: 9007199254740993n }, { a: 9007199254740995n }), [
    'replace /a 9007199254740995',
  ]);
});
