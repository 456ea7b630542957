/** Pages of the objects that are known hold what they should, whatever happens meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeVersion } from '../../testing/arbitraries.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import { assertRejected } from '../../testing/query-errors.ts';
import { keyString, objectKey, type ObjectKey } from '../object-key.ts';
import { PlainStore } from '../store/plain-store.ts';
import { listObjectHistories, OBJECT_LIMIT_DEFAULT, OBJECT_LIMIT_MAX } from './object-histories.ts';
import type { Sight, Visibility } from './visibility.ts';

const alice = makeVersion(1).actor;

/** A store in which each of these objects has a version by a user. */
function storeOf(keys: readonly ObjectKey[], user = 'alice'): PlainStore {
  const store = new PlainStore();
  for (const key of keys) record(store, key, user);
  return store;
}

function record(store: PlainStore, key: ObjectKey, user = 'alice'): void {
  const known = store.history(key)?.versions.length ?? 0;
  store.setVersions(key, known, [makeVersion(known + 1, { actor: { ...alice, user } })], undefined);
}

/** Hides names with an h; of those with a u, an answer finds out about `max`. */
function sight(max: number): Visibility {
  const known = new Map<string, Sight>();
  let left = max;
  return {
    look(objects) {
      for (const { name } of objects) {
        if (known.has(name)) continue;
        const isOneTooMany = name.startsWith('u') && left === 0;
        if (name.startsWith('u') && !isOneTooMany) left -= 1;
        known.set(name, isOneTooMany ? 'unchecked' : name.startsWith('h') ? 'hidden' : 'visible');
      }
      return Promise.resolve(({ name }) => known.get(name) ?? 'unchecked');
    },
  };
}

const keys = fc.record(
  {
    group: fc.constantFrom('', 'apps', 'example.com'),
    resource: fc.constantFrom('deployments', 'pods'),
    namespace: fc.constantFrom('', 'a', 'b'),
    name: fc.constantFrom('v1', 'v2', 'v:3', 'h1', 'h2', 'u1', 'u2', 'u3'),
  },
  { noNullPrototype: true },
);
const objectSets = fc.uniqueArray(keys, { selector: keyString, maxLength: 40 });
const changes = fc.array(fc.record({ key: keys, forgets: fc.boolean() }), { maxLength: 30 });
const limits = fc.integer({ min: 1, max: 9 });

test('pages put together are the whole list, each object once, whatever changes between them', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(objectSets, changes, limits, async (objects, changed, limit) => {
      const store = storeOf(objects);
      const touched = new Set(changed.map(({ key }) => keyString(key)));
      const visible = (name: string): boolean => !name.startsWith('h');
      const expected = [...store.histories({})].map(({ key }) => key).filter(({ name }) => visible(name));
      const listed: string[] = [];
      const remaining = [...changed];
      let from: string | undefined;
      for (let pages = 0; ; pages += 1) {
        assert.ok(pages <= 2 * (objects.length + changed.length) + 1, 'it comes to an end');
        const query = { limit, continue: from };
        const page = await listObjectHistories(store, query, { visibility: sight(2) });
        assert.ok(page.items.length <= limit);
        listed.push(...page.items.map(({ object }) => keyString(object)));
        from = page.metadata.continue;
        if (from === undefined) break;
        for (const { key, forgets } of remaining.splice(0, 3)) {
          if (forgets) store.setVersions(key, 0, [], undefined);
          else record(store, key, 'bob');
        }
      }
      assert.equal(new Set(listed).size, listed.length, 'nothing comes twice');
      const steady = (id: string): boolean => !touched.has(id);
      assert.deepEqual(listed.filter(steady), expected.map(keyString).filter(steady));
      assert.ok(listed.every((id) => visible(id.slice(id.lastIndexOf('/') + 1))));
    }),
  );
});

test('a page that is full has a continue only where there is more to show', async () => {
  await checkAsyncProperty(
    fc.asyncProperty(objectSets, limits, async (objects, limit) => {
      const shown = objects.filter(({ name }) => !name.startsWith('h')).length;
      const visibility = sight(Infinity);
      const { items, metadata } = await listObjectHistories(storeOf(objects), { limit }, { visibility });
      assert.equal(items.length, Math.min(limit, shown));
      assert.equal(metadata.continue !== undefined, shown > limit);
    }),
  );
});

test('a page ends before the first object of which it is not known whether it may be shown', async () => {
  const store = storeOf(['h1', 'u1', 'u2', 'v1'].map((name) => objectKey('', 'pods', 'a', name)));
  const page = async (from?: string) => {
    const { items, metadata } = await listObjectHistories(
      store,
      { continue: from },
      { visibility: sight(from === undefined ? 0 : 1) },
    );
    return { names: items.map(({ object }) => object.name), next: metadata.continue };
  };
  const first = await page();
  assert.deepEqual(first.names, []);
  const second = await page(first.next ?? assert.fail('there is more'));
  assert.deepEqual(second.names, ['u1']);
  const third = await page(second.next ?? assert.fail('there is more'));
  assert.deepEqual(third, { names: ['u2', 'v1'], next: undefined });
});

test('what is forgotten while a page is made does no harm', async () => {
  const pod = (name: string): ObjectKey => objectKey('', 'pods', 'a', name);
  const store = storeOf(['h1', 'h2', 'v1', 'v2'].map(pod));
  const inner = sight(0);
  const forgetful: Visibility = {
    look(objects) {
      const looked = [...objects];
      // First what is not looked at yet, then what is.
      const name = looked.length === 2 ? 'v1' : 'v2';
      store.setVersions(pod(name), 0, [], undefined);
      return inner.look(looked);
    },
  };
  const page = await listObjectHistories(store, { limit: 1 }, { visibility: forgetful });
  assert.deepEqual(
    page.items.map(({ object }) => object.name),
    ['v2'],
  );
  assert.deepEqual(page.metadata, {});
});

test('by namespace, resource, user and name', async () => {
  const store = storeOf([
    objectKey('apps', 'deployments', 'a', 'web'),
    objectKey('apps', 'deployments', 'b', 'web'),
    objectKey('example.com', 'deployments', 'a', 'web'),
    objectKey('', 'pods', 'a', 'web'),
    objectKey('', 'nodes', '', 'n1'),
  ]);
  record(store, objectKey('', 'pods', 'a', 'web'), 'bob');
  store.setVersions(
    objectKey('', 'nodes', '', 'n2'),
    0,
    [makeVersion(1, { actor: { ...alice, user: 'carol', impersonatedBy: 'bob' } })],
    undefined,
  );
  const listed = async (query: object): Promise<string[]> =>
    (await listObjectHistories(store, query)).items.map(
      ({ metadata }) => `${metadata.namespace ?? '-'} ${metadata.name}`,
    );
  assert.deepEqual(await listed({}), [
    '- nodes:n1',
    '- nodes:n2',
    'a pods:web',
    'a deployments.apps:web',
    'b deployments.apps:web',
    'a deployments.example.com:web',
  ]);
  assert.deepEqual(await listed({ namespace: 'b' }), ['b deployments.apps:web']);
  assert.equal((await listed({ resource: 'deployments' })).length, 3);
  assert.deepEqual(await listed({ resource: 'deployments.extensions', namespace: 'b' }), [
    'b deployments.apps:web',
  ]);
  assert.deepEqual(await listed({ resource: 'pods.' }), ['a pods:web']);
  assert.deepEqual(await listed({ resource: 'widgets' }), []);
  assert.deepEqual(await listed({ user: 'bob' }), ['- nodes:n2', 'a pods:web']);
  assert.deepEqual(await listed({ user: 'carol' }), ['- nodes:n2']);
  assert.equal((await listed({ name: 'deployments.apps:web' })).length, 2);
  assert.deepEqual(await listed({ name: 'web' }), []);
});

test('a list is never without a limit', async () => {
  const count = OBJECT_LIMIT_MAX + 1;
  const store = storeOf(
    Array.from({ length: count }, (_, index) => objectKey('', 'pods', 'a', String(index))),
  );
  const lengths = [undefined, 0, 7, count, Number.MAX_SAFE_INTEGER].map(async (limit) => {
    const { items, metadata } = await listObjectHistories(store, { limit });
    assert.notEqual(metadata.continue, undefined);
    return items.length;
  });
  const [byDefault, forNone] = [OBJECT_LIMIT_DEFAULT, OBJECT_LIMIT_DEFAULT];
  assert.deepEqual(await Promise.all(lengths), [byDefault, forNone, 7, OBJECT_LIMIT_MAX, OBJECT_LIMIT_MAX]);
  for (const limit of [-1, 1.5, Number.NaN])
    await assertRejected(listObjectHistories(store, { limit }), 'PARAMETER_INVALID', /limit must be a whole/);
  await assertRejected(listObjectHistories(store, { continue: 'x' }), 'CONTINUE_EXPIRED', /begin anew/);
});

test('a list that nobody waits for is given up', async () => {
  const store = storeOf(
    Array.from({ length: 2000 }, (_, index) => objectKey('', 'pods', 'a', String(index))),
  );
  const gone = AbortSignal.abort(new Error('gone'));
  const slow = {
    *histories() {
      for (const history of store.histories({})) {
        const until = performance.now() + 0.05;
        while (performance.now() < until);
        yield history;
      }
    },
  };
  await assert.rejects(listObjectHistories(slow, { user: 'nobody' }, { signal: gone }), /gone/);
});
