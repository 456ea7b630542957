import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { histories, makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { checkProperty } from '../../testing/property.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import { QueryError } from '../errors.ts';
import type { ObjectHistory } from '../reader.ts';
import { diffContents } from './changes.ts';
import { answerDiff, type DiffResult } from './diff.ts';

function diff(history: ObjectHistory, start: number, end: number, field?: string): DiffResult {
  const [from, to] = [history.versions[start - 1], history.versions[end - 1]];
  return answerDiff(history, { start: from, end: to ?? assert.fail() }, field);
}

const seed = makeHistory([
  { spec: { databases: ['a', 'b'], users: [{ username: 'p', password: '1' }] } },
  { spec: { databases: ['a', 'b', 'c'], users: [{ username: 'p', password: '1' }] } },
  {
    spec: {
      databases: ['a'],
      users: [
        { username: 'p', password: '2' },
        { username: 'q', password: '3' },
      ],
    },
  },
  'deleted',
  'unknown',
]);

test('the answer has both ends, the changes and the patch', () => {
  const answer = diff(seed, 1, 2);
  assert.deepEqual(answer, {
    kind: 'DiffResult',
    apiVersion: 'kubeprovenance.cloudark.io/v1',
    object: { group: 'apps', resource: 'deployments', namespace: 'shop', name: 'web' },
    start: {
      version: 'v1',
      timestamp: answer.start?.timestamp,
      user: 'alice',
      auditID: 'audit-1',
      operation: 'create',
      fidelity: 'exact',
    },
    end: {
      version: 'v2',
      timestamp: answer.end.timestamp,
      user: 'alice',
      auditID: 'audit-2',
      operation: 'update',
      fidelity: 'exact',
    },
    changes: [{ path: 'spec.databases[2]', operation: 'add', to: 'c' }],
    patch: [{ op: 'add', path: '/spec/databases/2', value: 'c' }],
  });
});

test('a field has its values at both ends, changed or not', () => {
  const databases = diff(seed, 1, 2, 'databases');
  assert.equal(databases.field, 'databases');
  assert.deepEqual(databases.changes, [{ path: 'spec.databases[2]', operation: 'add', to: 'c' }]);
  assert.deepEqual(databases.values, [{ path: 'spec.databases', from: ['a', 'b'], to: ['a', 'b', 'c'] }]);
  assert.deepEqual(databases.patch, [{ op: 'add', path: '/spec/databases/2', value: 'c' }]);
  assert.deepEqual(diff(seed, 1, 2, 'password').changes, []);
  assert.deepEqual(diff(seed, 1, 2, 'password').values, [
    { path: 'spec.users[username=p].password', from: '1', to: '1' },
  ]);
});

test('where all that holds the field came or went, the change is that of the field', () => {
  assert.deepEqual(diff(seed, 2, 3, 'spec.users.password').changes, [
    { path: 'spec.users[username=p].password', operation: 'replace', from: '1', to: '2' },
    { path: 'spec.users[username=q].password', operation: 'add', to: '3' },
  ]);
  // The entry came with its password: there is no patch of the password alone.
  assert.equal(diff(seed, 2, 3, 'spec.users.password').patch, undefined);
  assert.deepEqual(diff(seed, 1, 4, 'password').changes, [
    { path: 'spec.users[username=p].password', operation: 'remove', from: '1' },
  ]);
});

test('a deletion leaves nothing, and before the first version there was nothing', () => {
  assert.deepEqual(
    diff(seed, 3, 4).changes.map(({ path, operation }) => [path, operation]),
    [['spec', 'remove']],
  );
  assert.equal(diff(seed, 3, 4).end.deleted, true);
  const creation = diff(seed, 0, 1);
  assert.equal(creation.start, null);
  assert.deepEqual(
    creation.changes.map(({ path, operation }) => [path, operation]),
    [['spec', 'add']],
  );
});

test('a content that was not recorded is said to be unknown, with the nearest that is known', () => {
  assertRefused(() => diff(seed, 1, 5), 'CONTENT_UNKNOWN', /content of v5 .*: ask for v4$/);
  const hole = makeHistory([{ a: 1 }, 'unknown', { a: 2 }]);
  assertRefused(() => diff(hole, 2, 3), 'CONTENT_UNKNOWN', /ask for v1 or v3$/);
  assertRefused(() => diff(makeHistory(['unknown']), 0, 1), 'CONTENT_UNKNOWN', /no version of it has one$/);
});

test('a field that occurs nowhere is refused with near names; one that occurs elsewhere is not', () => {
  assertRefused(() => diff(seed, 1, 2, 'database'), 'FIELD_NOT_FOUND', /did you mean "databases"\?$/);
  assertRefused(
    () => diff(seed, 1, 2, 'users.password'),
    'FIELD_NOT_FOUND',
    /did you mean "spec\.users\.password"\?$/,
  );
  assertRefused(() => diff(seed, 1, 2, 'nothing.like.it'), 'FIELD_NOT_FOUND', /ask for spechistory/);
  const elsewhere = diff(seed, 1, 2, 'spec.users[username=q].password');
  assert.deepEqual([elsewhere.changes, elsewhere.values], [[], []]);
});

test('the changes of the root fields are the changes of all', () => {
  checkProperty(
    fc.property(histories, fc.nat(), fc.nat(), (history, first, second) => {
      const { versions } = history;
      const [start, end] = [versions[first % versions.length], versions[second % versions.length]];
      const holds = (version: typeof start) =>
        version !== undefined && (version.deleted || version.content !== undefined);
      fc.pre(start !== undefined && end !== undefined && holds(start) && holds(end));
      const parts = ['spec', 'metadata'].flatMap((field) => {
        try {
          return answerDiff(history, { start, end }, field).changes;
        } catch (error) {
          assert.ok(error instanceof QueryError && error.code === 'FIELD_NOT_FOUND');
          return [];
        }
      });
      const all = diffContents(start.content, end.content).filter(({ path }) =>
        /^(spec|metadata)\b/.test(path),
      );
      const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
      assert.deepEqual(parts.toSorted(byPath), all.toSorted(byPath));
    }),
  );
});

test('changes that may be none are marked', () => {
  const history: ObjectHistory = {
    key: webKey,
    versions: [
      makeVersion(1, { firstSeen: true, contentComplete: false, content: { spec: { a: 1 } } }),
      makeVersion(2, { contentComplete: false, content: { spec: { a: 1, b: 1 } } }),
      makeVersion(3, { content: { spec: { a: 2, b: 1, c: 1 } } }),
      makeVersion(4, { fidelity: 'unknown', content: undefined }),
      makeVersion(5, { contentComplete: false, content: { spec: { a: 3 } } }),
    ],
  };
  const marks = (start: number, end: number, field?: string) =>
    diff(history, start, end, field).changes.map(
      ({ path, revealed, unrecorded }) =>
        `${path}${revealed ? ' revealed' : ''}${unrecorded ? ' unrecorded' : ''}`,
    );
  assert.deepEqual(marks(0, 1), ['spec revealed']);
  assert.deepEqual([diff(history, 0, 1).start, diff(history, 0, 1).startUnknown], [null, true]);
  assert.deepEqual(marks(1, 2), ['spec.b'], 'one built upon the other');
  assert.deepEqual(marks(2, 3), ['spec.a', 'spec.c revealed']);
  assert.deepEqual(marks(2, 3, 'c'), ['spec.c revealed']);
  assert.deepEqual(marks(3, 5), ['spec.a', 'spec.b unrecorded', 'spec.c unrecorded']);
  assert.deepEqual(marks(2, 5), ['spec.a', 'spec.b unrecorded']);
  assert.equal(diff(seed, 0, 1).startUnknown, undefined);
});
