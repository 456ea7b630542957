import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../testing/property.ts';
import { QueryError } from './errors.ts';
import {
  bareName,
  FIELD_PATH_CHARACTERS_MAX,
  formatFieldPath,
  keyStep,
  parseFieldPath,
  type FieldStep,
} from './field-path.ts';

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('.', '[', ']', "'", '"', '\\', '=', ',', ' ', '\n', '*', '0', 'a') }),
);
const steps: fc.Arbitrary<FieldStep> = fc.oneof(
  anyText.map(keyStep),
  fc.nat({ max: 999_999_999 }).map((index): FieldStep => ({ type: 'index', index })),
  fc
    .array(fc.record({ key: anyText, value: anyText }, { noNullPrototype: true }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((parts): FieldStep => ({ type: 'selector', parts })),
);

test('every path survives being written and read', () => {
  checkProperty(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 5 }), (path) => {
      assert.deepEqual(parseFieldPath(formatFieldPath(path)), path);
    }),
  );
});

test('any text is a path or a FIELD_MALFORMED with a position in it', () => {
  checkProperty(
    fc.property(anyText, (text) => {
      try {
        assert.ok(parseFieldPath(text).length > 0);
      } catch (error) {
        assert.ok(error instanceof QueryError && error.code === 'FIELD_MALFORMED', String(error));
        assert.ok(error.position !== undefined && error.position >= 0 && error.position <= text.length);
      }
    }),
  );
});

test('the forms of a path', () => {
  const forms: readonly [string, string][] = [
    ['spec.replicas', 'spec.replicas'],
    ['.spec.replicas', 'spec.replicas'],
    ['spec.containers[name=web].image', 'spec.containers[name=web].image'],
    ['ports[containerPort=80,protocol=TCP]', 'ports[containerPort=80,protocol=TCP]'],
    [`users[name='a]b']`, `users[name='a]b']`],
    [`users[name="it's"]`, String.raw`users[name='it\'s']`],
    [`data['app.conf']`, `data['app.conf']`],
    ['data["plain"]', 'data.plain'],
    [String.raw`metadata.labels.app\.kubernetes\.io/name`, `metadata.labels['app.kubernetes.io/name']`],
    ['list[0][12].x', 'list[0][12].x'],
    [`list[0=x]`, `list['0'=x]`],
    ['c[image=nginx:1.25].env', 'c[image=nginx:1.25].env'],
  ];
  for (const [text, written] of forms) assert.equal(formatFieldPath(parseFieldPath(text)), written);
});

test('what is malformed is said with its place', () => {
  const faults: readonly [string, number, RegExp][] = [
    ['', 0, /expected a key.*at character 1$/],
    ['spec.', 5, /expected a key/],
    ['spec..x', 5, /expected a key/],
    ['spec x', 4, /expected "\." or "\["/],
    ['spec[', 5, /a position \[0\]/],
    ['spec[*]', 5, /for all entries, no brackets/],
    ['spec[-1]', 7, /expected "="/],
    ['spec[name]', 9, /expected "="/],
    ['spec[name=]', 10, /expected a value/],
    ['spec[name=x', 11, /expected "," or "\]"/],
    [`spec['a`, 7, /expected the closing '/],
    [`spec['a'x`, 8, /expected "\]" or "="/],
    ['spec[0]x', 7, /expected "\."/],
    ['a'.repeat(FIELD_PATH_CHARACTERS_MAX + 1), FIELD_PATH_CHARACTERS_MAX, /at most 2000 characters/],
  ];
  for (const [text, position, message] of faults) {
    assert.throws(
      () => parseFieldPath(text, 'field2'),
      (error) => {
        assert.ok(error instanceof QueryError);
        assert.deepEqual(
          [error.code, error.position, error.parameter],
          ['FIELD_MALFORMED', position, 'field2'],
        );
        assert.match(error.message, message);
        return true;
      },
      text.slice(0, 40),
    );
  }
});

test('a bare name is one key alone, and not the name of a root', () => {
  assert.equal(bareName(parseFieldPath('replicas')), 'replicas');
  assert.equal(bareName(parseFieldPath(`['app.conf']`)), 'app.conf');
  for (const text of ['spec', 'metadata', 'spec.replicas', 'replicas[0]', '[0]']) {
    assert.equal(bareName(parseFieldPath(text)), undefined);
  }
});
