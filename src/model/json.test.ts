import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../testing/property.ts';
import {
  equalJson,
  JSON_DEPTH_MAX,
  type JsonValue,
  JsonTooDeep,
  member,
  parseJson,
  shareJson,
  stringifyJson,
} from './json.ts';

const json = fc.jsonValue({ maxDepth: 4 }).map((value): JsonValue => JSON.parse(JSON.stringify(value)));

describe('parseJson and stringifyJson', () => {
  it('agree with JSON where a double is exact', () => {
    checkProperty(
      fc.property(json, (value) => {
        assert.equal(stringifyJson(parseJson(JSON.stringify(value))), JSON.stringify(value));
        assert.equal(stringifyJson(value), JSON.stringify(value));
      }),
    );
  });

  it('keep every integer, of whatever length', () => {
    checkProperty(
      fc.property(fc.bigInt(), (integer) => {
        const text = `{"a":[${integer}, {"b": ${integer}}],"c":"1234567890123456789"}`;
        assert.equal(stringifyJson(parseJson(text)), text.replaceAll(' ', ''));
      }),
    );
    assert.equal(parseJson('12345678901234567890'), 12345678901234567890n);
    assert.deepEqual(parseJson('[1e30]'), [1e30]);
  });

  it('keep a key that names the prototype as a key', () => {
    const value = parseJson('{"__proto__":{"polluted":1}}');
    assert.equal(stringifyJson(shareJson({}, value)), '{"__proto__":{"polluted":1}}');
    assert.equal(member({}, 'constructor'), undefined);
  });
});

describe('parseJson on depth', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  it('takes the deepest that is allowed and refuses what is deeper, whole or cut off', () => {
    assert.equal(JSON.stringify(parseJson(nested(JSON_DEPTH_MAX))), nested(JSON_DEPTH_MAX));
    assert.throws(() => parseJson(nested(JSON_DEPTH_MAX + 1)), JsonTooDeep);
    assert.throws(
      () => parseJson(`${'{"kind":"EventList","items":['.repeat(5000)}{"kind":"Eve`),
      JsonTooDeep,
    );
    assert.throws(() => parseJson('{"a":'.repeat(JSON_DEPTH_MAX)), SyntaxError);
  });

  it('does not mind how many brackets there are side by side, or in strings', () => {
    for (const text of [
      JSON.stringify(Array.from({ length: 3000 }, () => [{}])),
      JSON.stringify({ text: '[{'.repeat(3000) }),
      JSON.stringify(['\\"[', '\\', ...Array.from({ length: 3000 }, () => '"[{\\')]),
    ]) {
      assert.equal(stringifyJson(parseJson(text)), text);
    }
  });

  it('sees brackets behind strings that end in backslashes', () => {
    assert.throws(() => parseJson(`["\\\\",${nested(JSON_DEPTH_MAX)}]`), JsonTooDeep);
    assert.throws(() => parseJson(`["\\\\\\"",${nested(JSON_DEPTH_MAX)}]`), JsonTooDeep);
  });
});

describe('equalJson', () => {
  it('does not mind the order of keys, and minds everything else', () => {
    assert.ok(equalJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }));
    for (const other of [
      { a: 1 },
      { a: 1, b: [2, 1] },
      { a: 1, b: [1, 2], c: null },
      { a: '1', b: [1, 2] },
      [1],
      null,
    ]) {
      assert.ok(!equalJson({ a: 1, b: [1, 2] }, other));
    }
  });
});

describe('shareJson', () => {
  it('equals what it was given, is the known value where nothing differs, and shares the parts that do not', () => {
    checkProperty(
      fc.property(json, json, (known, next) => {
        const shared = shareJson(known, next);
        assert.ok(equalJson(shared, next));
        assert.equal(shared === known, equalJson(known, next));
        const copy: JsonValue = JSON.parse(JSON.stringify(known));
        const both = shareJson({ part: known, other: 1 }, { part: copy, other: 2 });
        assert.ok(
          typeof both === 'object' &&
            both !== null &&
            !Array.isArray(both) &&
            Object.values(both)[0] === known,
        );
      }),
    );
  });

  it('refuses to go too deep', () => {
    const deep = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    assert.ok(equalJson(shareJson(undefined, deep(JSON_DEPTH_MAX)), deep(JSON_DEPTH_MAX)));
    assert.throws(() => shareJson(undefined, deep(JSON_DEPTH_MAX + 5)), JsonTooDeep);
  });
});
