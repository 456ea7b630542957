import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { equalJson, parseJson, type JsonValue } from '../model/json.ts';
import { checkProperty } from '../testing/property.ts';
import { renderJson, renderYaml } from './render.ts';

test('integers that a double cannot hold stay what they are', () => {
  const value = { big: 9223372036854775807n };
  assert.equal(renderJson(value, false), '{"big":9223372036854775807}\n');
  assert.equal(renderYaml(value), 'big: 9223372036854775807\n');
});

test('JSON is indented by two where it is pretty', () => {
  assert.equal(renderJson({ a: [1] }, true), '{\n  "a": [\n    1\n  ]\n}\n');
});

test('YAML quotes what YAML 1.1 would read as something else', () => {
  for (const text of [
    'yes',
    'on',
    'n',
    '0777',
    '1_000',
    '12:30:45',
    '2026-01-01',
    '1e3',
    '~',
    '',
    '<<',
    '0x1f',
  ]) {
    assert.equal(renderYaml({ a: text }), `a: ${JSON.stringify(text)}\n`);
    assert.equal(renderYaml({ [text]: 1 }), `${JSON.stringify(text)}: 1\n`);
  }
});

test('YAML repeats equal parts instead of anchoring them', () => {
  const shared = { image: 'web' };
  assert.equal(renderYaml([shared, shared]), '- image: web\n- image: web\n');
});

const json = fc.jsonValue({ maxDepth: 4 }).map((value): JsonValue => parseJson(JSON.stringify(value)));

test('what is rendered reads back as the value, in JSON and in both versions of YAML', () => {
  checkProperty(
    fc.property(json, (value) => {
      assert.ok(equalJson(parseJson(renderJson(value, true)), value));
      for (const version of ['1.1', '1.2'] as const) {
        const back: JsonValue = parseJson(JSON.stringify(parse(renderYaml(value), { version })));
        assert.ok(equalJson(back, value), renderYaml(value));
      }
    }),
  );
});
