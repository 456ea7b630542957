import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversionsTo, convert, type TableContents } from './table.ts';

const object = { kind: 'Thing', apiVersion: 'x/v1', metadata: { name: 'a', namespace: 'n' }, more: 1 };
const contents: TableContents = {
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: 'what it is called' },
    { name: 'Count', type: 'integer', description: 'how many', priority: 1 },
  ],
  rows: [{ cells: ['a', 1], object }],
  continue: 'next',
};
const [asTable, asOldTable] = conversionsTo(['Table']);
assert.ok(asTable !== undefined && asOldTable !== undefined);

test('a table has its columns, its rows, and the objects that were asked for', () => {
  const metadata = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
  const withObject = (included: unknown) => ({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { continue: 'next' },
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: 'what it is called', priority: 0 },
      { name: 'Count', type: 'integer', format: '', description: 'how many', priority: 1 },
    ],
    rows: [{ cells: ['a', 1], object: included }],
  });
  assert.deepEqual(convert(asTable, contents, 'Metadata'), withObject(metadata));
  assert.deepEqual(convert(asTable, contents, 'Object'), withObject(object));
  assert.deepEqual(convert(asTable, contents, 'None'), withObject(null));
  assert.deepEqual(convert(asOldTable, { ...contents, continue: undefined }, 'Metadata'), {
    ...withObject({ ...metadata, apiVersion: 'meta.k8s.io/v1beta1' }),
    apiVersion: 'meta.k8s.io/v1beta1',
    metadata: {},
  });
});

test('the metadata alone, of one object and of a list', () => {
  const [one] = conversionsTo(['PartialObjectMetadata']);
  const [, list] = conversionsTo(['PartialObjectMetadataList']);
  assert.ok(one !== undefined && list !== undefined);
  assert.deepEqual(convert(one, contents, 'Metadata'), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  });
  assert.deepEqual(convert(list, contents, 'None'), {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1beta1',
    metadata: { continue: 'next' },
    items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: object.metadata }],
  });
});
