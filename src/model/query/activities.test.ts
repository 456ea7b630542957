import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrayReader } from '../../testing/array-reader.ts';
import { makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import { assertRefused, assertRejected } from '../../testing/query-errors.ts';
import { actionRef, type Action } from '../action.ts';
import type { Reader } from '../reader.ts';
import { micros } from '../time.ts';
import { listActivities, type ActivityQuery } from './activities.ts';
import { countActivities, parseGroupBy } from './activity-counts.ts';

const actor = { user: 'alice', impersonatedBy: undefined, userAgent: 'kubectl', sourceIPs: ['192.0.2.7'] };

function makeAction(ref: number, overrides: Partial<Action> = {}): Action {
  return {
    ref: actionRef(ref),
    timestamp: micros(ref * 1_000_000),
    actor,
    verb: 'update',
    object: webKey,
    subresource: '',
    code: 200,
    auditID: `audit-${ref}`,
    dryRun: false,
    ...overrides,
  };
}

/** The audit IDs of all pages together. */
async function allPages(reader: Reader, query: ActivityQuery): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const page = await listActivities(reader, { ...query, continue: token });
    assert.ok(page.items.length <= (query.limit ?? Infinity));
    found.push(...page.items.map(({ auditID }) => auditID));
    token = page.metadata.continue;
  } while (token !== undefined);
  return found;
}

const actionLists = fc
  .array(
    fc.record({
      seconds: fc.nat({ max: 6 }),
      user: fc.constantFrom('alice', 'bob'),
      impersonatedBy: fc.constantFrom(undefined, 'admin'),
      verb: fc.constantFrom('create', 'delete'),
      resource: fc.constantFrom('deployments', 'pods'),
      namespace: fc.constantFrom('shop', 'other', ''),
    }),
    { maxLength: 20 },
  )
  .map((all) =>
    all.map(({ seconds, user, impersonatedBy, verb, resource, namespace }, ref) =>
      makeAction(ref, {
        timestamp: micros(seconds * 1_000_000),
        actor: { ...actor, user, impersonatedBy },
        verb,
        object: { group: resource === 'pods' ? '' : 'apps', resource, namespace, name: 'x' },
      }),
    ),
  );
const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined });
const queries = fc.record({
  user: maybe(fc.constantFrom('alice', 'admin', 'nobody')),
  verb: maybe(fc.constantFrom('create', 'delete')),
  resource: maybe(fc.constantFrom('pods', 'deployments.apps', 'deployments.extensions', 'pods.apps')),
  namespace: maybe(fc.constantFrom('shop', '')),
  since: maybe(fc.nat({ max: 6 }).map((seconds) => micros(seconds * 1_000_000))),
  until: maybe(fc.nat({ max: 6 }).map((seconds) => micros(seconds * 1_000_000))),
});

function fitsNaively(action: Action, query: Omit<ActivityQuery, 'limit' | 'continue'>): boolean {
  const { user, verb, resource, namespace, since = 0, until = Infinity } = query;
  const names = {
    pods: ['pods'],
    deployments: ['deployments', 'deployments.apps', 'deployments.extensions'],
  };
  return (
    (user === undefined || [action.actor.user, action.actor.impersonatedBy].includes(user)) &&
    (verb === undefined || verb === action.verb) &&
    (resource === undefined ||
      (action.object.resource === 'pods' ? names.pods : names.deployments).includes(resource)) &&
    (namespace === undefined || namespace === action.object.namespace) &&
    action.timestamp >= since &&
    action.timestamp < until
  );
}

test('all pages together are all actions that fit, the newest first', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(actionLists, queries, fc.integer({ min: 1, max: 7 }), async (actions, query, limit) => {
      const expected = actions
        .filter((action) => fitsNaively(action, query))
        .toSorted((a, b) => b.timestamp - a.timestamp || b.ref - a.ref)
        .map(({ auditID }) => auditID);
      assert.deepEqual(await allPages(arrayReader([], actions), { ...query, limit }), expected);
    }),
  );
});

test('counts are those of the actions that fit', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(actionLists, queries, async (actions, query) => {
      const fitting = actions.filter((action) => fitsNaively(action, query));
      const counted = await countActivities(arrayReader([], actions), query, 'namespace');
      assert.equal(counted.total, fitting.length);
      for (const { name, count } of counted.items) {
        assert.equal(count, fitting.filter(({ object }) => object.namespace === name).length);
      }
      assert.equal(
        counted.items.reduce((sum, { count }) => sum + count, 0),
        counted.total,
      );
    }),
  );
});

test('actions that arrive between two pages do not shift the second', async () => {
  const actions = [0, 1, 2, 3].map((ref) => makeAction(ref));
  const reader = arrayReader([], actions);
  const first = await listActivities(reader, { limit: 2 });
  actions.push(makeAction(9));
  const second = await listActivities(reader, { limit: 2, continue: first.metadata.continue });
  assert.deepEqual(
    [first, second].map(({ items }) => items.map(({ auditID }) => auditID)),
    [
      ['audit-3', 'audit-2'],
      ['audit-1', 'audit-0'],
    ],
  );
  assert.deepEqual(second.metadata, {}, 'there is nothing older');
});

test('no more is read than a page needs', async () => {
  let read = 0;
  const reader: Reader = {
    ...arrayReader([]),
    *actionsBackwards(before) {
      for (let ref = (before?.ref ?? 1_000_000) - 1; ref >= 0; ref -= 1) {
        read += 1;
        yield makeAction(ref);
      }
    },
  };
  const page = await listActivities(reader, { limit: 3 });
  assert.equal(page.items.length, 3);
  assert.ok(page.metadata.continue !== undefined);
  assert.equal(read, 4, 'the page, and one to see that there is more');
});

test('a log longer than a turn is gone through to its end, and other work runs in between', async () => {
  const reader: Reader = {
    ...arrayReader([]),
    *actionsBackwards(before) {
      for (let ref = (before?.ref ?? 45_000) - 1; ref >= 0; ref -= 1) yield makeAction(ref);
    },
  };
  let otherWorkRan = false;
  setImmediate(() => {
    otherWorkRan = true;
  });
  const { total } = await countActivities(reader, {}, 'verb');
  assert.equal(total, 45_000);
  assert.equal(otherWorkRan, true);
});

test('an action has the version that it made, if it made one', async () => {
  const history = makeHistory([{ a: 1 }, { a: 2 }, 'deleted']);
  const twice = makeVersion(4, { auditID: 'audit-2' });
  const madeAt = (number: number) => makeVersion(number).timestamp;
  const reader = arrayReader(
    [{ key: webKey, versions: [...history.versions, twice] }],
    [
      makeAction(1, { timestamp: madeAt(1) }),
      makeAction(2, { timestamp: twice.timestamp }),
      makeAction(3, { verb: 'delete', timestamp: madeAt(3) }),
      makeAction(4),
      makeAction(5, { auditID: 'audit-1', code: 409 }),
      makeAction(6, { auditID: 'audit-1', dryRun: true }),
      makeAction(7, { object: { ...webKey, name: '' } }),
    ],
  );
  const { items } = await listActivities(reader);
  assert.deepEqual(
    items.map(({ auditID, code, dryRun, version }) => [auditID, code, dryRun, version]),
    [
      ['audit-2', 200, undefined, 'v4'],
      ['audit-3', 200, undefined, 'v3'],
      ['audit-1', 200, undefined, 'v1'],
      ['audit-7', 200, undefined, null],
      ['audit-1', 200, true, null],
      ['audit-1', 409, undefined, null],
      ['audit-4', 200, undefined, null],
    ],
  );
});

test('an audit ID that others chose too credits nobody with their versions', async () => {
  const bob = { ...actor, user: 'bob' };
  const asked = makeAction(3, { auditID: 'x', verb: 'delete' });
  const versions = [
    makeVersion(1),
    makeVersion(2, { auditID: 'x', timestamp: micros(2_000_000) }),
    makeVersion(3, {
      auditID: 'x',
      operation: 'delete',
      deleted: true,
      content: undefined,
      completedBy: { user: 'system:node:n1', auditID: 'y' },
    }),
  ];
  const actions = [
    makeAction(0, { auditID: 'x', actor: bob, timestamp: micros(1_000_000) }),
    makeAction(1, { auditID: 'x', actor: bob, timestamp: micros(2_000_000) }),
    makeAction(2, { auditID: 'x', timestamp: micros(2_000_000) }),
    asked,
    makeAction(4, { auditID: 'x', actor: bob }),
  ];
  const { items } = await listActivities(arrayReader([{ key: webKey, versions }], actions));
  assert.deepEqual(
    items.map(({ user, version }) => [user, version]),
    [
      ['bob', null],
      ['alice', 'v3'],
      ['alice', 'v2'],
      ['bob', null],
      ['bob', null],
    ],
  );
});

test('an item says who did what to what', async () => {
  const exec = makeAction(1, {
    actor: { ...actor, impersonatedBy: 'admin' },
    verb: 'create',
    object: { group: '', resource: 'pods', namespace: 'shop', name: 'web-1' },
    subresource: 'exec',
    code: 101,
  });
  const reader = arrayReader([], [exec, makeAction(0, { object: { ...exec.object } })]);
  const { items } = await listActivities(reader, { resource: 'pods/exec' });
  assert.deepEqual(items, [
    {
      timestamp: '1970-01-01T00:00:01.000000Z',
      user: 'alice',
      impersonatedBy: 'admin',
      userAgent: 'kubectl',
      sourceIPs: ['192.0.2.7'],
      verb: 'create',
      object: { group: '', resource: 'pods', namespace: 'shop', name: 'web-1' },
      subresource: 'exec',
      code: 101,
      auditID: 'audit-1',
      version: null,
    },
  ]);
});

test('counts are sorted by size, then by name', async () => {
  const days = [0, 90_000, 100_000, 180_000, 200_000];
  const actions = days.map((seconds, ref) => makeAction(ref, { timestamp: micros(seconds * 1_000_000) }));
  const reader = arrayReader([], actions);
  assert.deepEqual(await countActivities(reader, {}, 'day'), {
    kind: 'ActivityCounts',
    apiVersion: 'kubeprovenance.cloudark.io/v1',
    metadata: {},
    groupBy: 'day',
    total: 5,
    items: [
      { name: '1970-01-02', count: 2 },
      { name: '1970-01-03', count: 2 },
      { name: '1970-01-01', count: 1 },
    ],
  });
  const names = async (group: 'user' | 'verb' | 'resource') =>
    (await countActivities(reader, {}, group)).items.map(({ name }) => name);
  assert.deepEqual(
    [await names('user'), await names('verb'), await names('resource')],
    [['alice'], ['update'], ['deployments.apps']],
  );
});

test('questions without sense', async () => {
  const reader = arrayReader([], [makeAction(0)]);
  for (const token of ['', 'x', 'MTox', Buffer.from('2:1:1').toString('base64url')]) {
    await assertRejected(
      listActivities(reader, { continue: token }),
      'CONTINUE_EXPIRED',
      /leave it out to begin anew/,
    );
  }
  for (const limit of [0, -1, 1.5, Number.NaN]) {
    await assertRejected(listActivities(reader, { limit }), 'PARAMETER_INVALID', /from 1 to 10000/);
  }
  assertRefused(() => parseGroupBy('hour'), 'PARAMETER_INVALID', /user, verb, resource, namespace, day/);
  assert.equal(parseGroupBy('day'), 'day');
});
