import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  choiceParameter,
  fieldValuePairs,
  integerParameter,
  parseParameters,
  type ParameterTable,
} from './parameters.ts';
import { StatusError } from './status.ts';

const TABLE: ParameterTable = { names: ['start', 'limit', 'since'] };
const PAIRS: ParameterTable = { names: ['group'], pairs: true };

/** Whether what was thrown is a BadRequest with a message like this and causes for these parameters. */
function badRequest(message: RegExp, ...fields: string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.reason, 'BadRequest');
    assert.match(error.message, message);
    assert.deepEqual(
      error.causes.map((cause) => cause.field),
      fields,
    );
    return true;
  };
}

test('known parameters come through decoded, the common ones everywhere', () => {
  const parameters = parseParameters(
    'start=v1&pretty&timeout=30s&output=yaml&since=2026-01-01T00%3A00%3A00Z',
    TABLE,
  );
  assert.deepEqual(Object.fromEntries(parameters), {
    start: 'v1',
    pretty: '',
    timeout: '30s',
    output: 'yaml',
    since: '2026-01-01T00:00:00Z',
  });
});

test('an unknown parameter is refused, and the known ones are named', () => {
  assert.throws(
    () => parseParameters('strat=v1', TABLE),
    badRequest(
      /^unknown parameter "strat": here are only start, limit, since, output, pretty, timeout$/,
      'strat',
    ),
  );
  assert.throws(
    () => parseParameters('feild=a', PAIRS),
    badRequest(/field and value, field1 and value1, field2 and value2, …, group/, 'feild'),
  );
  assert.throws(() => parseParameters('field=a&value=b', TABLE), badRequest(/unknown/, 'field', 'value'));
  assert.throws(() => parseParameters('field0=a', PAIRS), badRequest(/unknown/, 'field0'));
});

test('a repeated and an empty parameter are refused, all at once', () => {
  assert.throws(
    () => parseParameters('start=v1&start=v2&limit=&x=1', TABLE),
    badRequest(/start is given 2 times.*limit is empty.*unknown parameter "x"/, 'start', 'limit', 'x'),
  );
});

test('the names of Object.prototype are parameters like any other', () => {
  assert.throws(
    () => parseParameters('__proto__=1', TABLE),
    badRequest(/unknown parameter "__proto__"/, '__proto__'),
  );
  assert.throws(() => parseParameters('toString=1', TABLE), badRequest(/unknown/, 'toString'));
});

test('whole numbers between their bounds', () => {
  const limit = (text: string) =>
    integerParameter(parseParameters(text, TABLE), 'limit', { min: 1, max: 1000 });
  assert.equal(limit(''), undefined);
  assert.equal(limit('limit=1'), 1);
  assert.equal(limit('limit=1000'), 1000);
  for (const text of ['0', '1001', '-1', '1.5', '1e2', 'ten', '0x10', '%2B5', '9'.repeat(20)]) {
    assert.throws(() => limit(`limit=${text}`), badRequest(/whole number from 1 to 1000/, 'limit'));
  }
});

test('one of some words', () => {
  const by = (text: string) =>
    choiceParameter(parseParameters(text, TABLE), 'start', ['user', 'verb', 'day']);
  assert.equal(by('start=verb'), 'verb');
  assert.equal(by(''), undefined);
  assert.throws(() => by('start=hour'), badRequest(/start is "hour": give user, verb or day/, 'start'));
});

test('pairs of a field and a value, in the order of their numbers', () => {
  const pairs = (text: string) => fieldValuePairs(parseParameters(text, PAIRS));
  assert.deepEqual(pairs('field10=j&value10=10&field2=b&value2=&field=a&value=1'), [
    { field: 'a', value: '1', parameter: 'field' },
    { field: 'b', value: '', parameter: 'field2' },
    { field: 'j', value: '10', parameter: 'field10' },
  ]);
  assert.throws(() => pairs('field1=a&value1=b&field2=c'), badRequest(/^value2 is missing/, 'value2'));
  assert.throws(() => pairs('value=b'), badRequest(/^field is missing/, 'field'));
  assert.throws(() => pairs(''), badRequest(/^field is missing.*value is missing/, 'field', 'value'));
});

test('of very many faults the first ten are told, and how many more there are', () => {
  const names = Array.from({ length: 150 }, (_, index) => `x${index}`);
  assert.throws(
    () => parseParameters(names.join('&'), TABLE),
    badRequest(/unknown parameter "x9": [^"]*; and 140 more$/, ...names.slice(0, 10)),
  );
  assert.throws(
    () => parseParameters(names.slice(0, 10).join('&'), TABLE),
    badRequest(/pretty, timeout$/, ...names.slice(0, 10)),
  );
});
