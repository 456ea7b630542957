import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { columns, inlineValue, joinBlocks, labelled, printable, textLines } from './printable.ts';

test('what a terminal would obey is shown as its code', () => {
  assert.equal(printable('\u001b[2Jgone\r'), String.raw`\u001b[2Jgone\r`);
  assert.equal(printable('a\nb\tc'), String.raw`a\nb\tc`);
  assert.equal(printable('user\u202egnp.exe'), String.raw`user\u202egnp.exe`);
  assert.equal(printable('Zoë 你好'), 'Zoë 你好');
});

test('no text has control characters in it afterwards', () => {
  checkProperty(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (units) => {
      const text = String.fromCharCode(...units);
      assert.doesNotMatch(printable(text), /[\p{Cc}\p{Cs}]/u);
    }),
  );
});

test('a string that could be taken for another value is quoted', () => {
  for (const text of ['3', 'true', 'null', '', ' x', '-1', '.5', '{}', '[]', '"x"', 'false']) {
    assert.equal(inlineValue(text), JSON.stringify(text));
  }
  assert.equal(inlineValue('nginx:1.27'), 'nginx:1.27');
  assert.equal(inlineValue(3), '3');
  assert.equal(inlineValue(9007199254740993n), '9007199254740993');
  assert.equal(inlineValue(null), 'null');
  assert.equal(inlineValue(['a', { b: 1 }]), '["a",{"b":1}]');
});

test('only a text of several lines has lines', () => {
  assert.deepEqual(textLines('a\nb\n'), ['a', 'b']);
  assert.deepEqual(textLines('a\r\nb'), ['a', 'b']);
  assert.deepEqual(textLines('a\n\u001b[0m'), ['a', String.raw`\u001b[0m`]);
  assert.equal(textLines('a'), undefined);
  assert.equal(textLines(3), undefined);
});

test('labels, columns and blocks line up', () => {
  assert.deepEqual(
    labelled([
      ['A', '1'],
      ['Long', '2'],
      ['Gone', undefined],
    ]),
    ['A:    1', 'Long: 2'],
  );
  assert.deepEqual(
    columns([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
    ]),
    ['a    bb', 'ccc  d   e'],
  );
  assert.equal(joinBlocks([['a', 'b'], ['c']]), 'a\nb\n\nc\n');
});
