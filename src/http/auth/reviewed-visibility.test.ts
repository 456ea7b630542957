import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { objectKey, type ObjectKey } from '../../model/object-key.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import { GROUP } from '../api-group.ts';
import type { Sight } from '../../model/query/visibility.ts';
import { readAttributes, type ResourceAttributes } from './attributes.ts';
import { listReviewLimit, NAMELESS_MAX, NAMES_MAX, visibilityOf } from './reviewed-visibility.ts';

const pod = (namespace: string, name: string): ObjectKey => objectKey('', 'pods', namespace, name);

/** Grants what fits; '*' in a right is any. Notes what it was asked. */
function reviewer(rights: readonly Partial<ResourceAttributes>[]) {
  const asked: string[] = [];
  const isAllowed = (attributes: ResourceAttributes): Promise<boolean> => {
    const { group, resource, namespace, name } = attributes;
    asked.push([group, resource, namespace, name].join('|'));
    const allowed = rights.some(
      (right) =>
        (right.group === undefined || right.group === group) &&
        (right.resource === undefined || right.resource === resource) &&
        (right.namespace === undefined || right.namespace === namespace) &&
        (right.name === undefined || right.name === name),
    );
    return Promise.resolve(allowed);
  };
  return { asked, isAllowed };
}

test('who may read everything costs one review', async () => {
  const { asked, isAllowed } = reviewer([{}]);
  const { look } = visibilityOf(isAllowed, { limit: listReviewLimit() });
  const sightOf = await look([pod('a', '1'), pod('b', '2'), objectKey('apps', 'deployments', 'a', 'x')]);
  assert.equal(sightOf(pod('b', '2')), 'visible');
  assert.deepEqual(asked, ['*|*||']);
});

test('one nameless review for each resource and namespace, and names only where that is denied', async () => {
  const { asked, isAllowed } = reviewer([
    { group: '', resource: 'pods', namespace: 'a', name: '' },
    { group: '', resource: 'pods', namespace: 'b', name: 'mine' },
  ]);
  const { look } = visibilityOf(isAllowed, { limit: listReviewLimit() });
  const objects = [pod('a', '1'), pod('a', '2'), pod('b', 'mine'), pod('b', 'other'), pod('b', '')];
  const sightOf = await look(objects);
  assert.deepEqual(objects.map(sightOf), ['visible', 'visible', 'visible', 'hidden', 'hidden']);
  assert.deepEqual(
    asked.toSorted(),
    ['*|*||', '|pods|a|', '|pods|b|', '|pods|b|mine', '|pods|b|other', '|pods||'].toSorted(),
  );
  await look(objects);
  assert.equal(asked.length, 6, 'no question is asked twice');
});

test('beyond the limit of names it is not known, in the order of the list', async () => {
  const { asked, isAllowed } = reviewer([]);
  const { look } = visibilityOf(isAllowed, { limit: listReviewLimit() });
  const objects = Array.from({ length: NAMES_MAX + 3 }, (_, index) => pod('a', `p${index}`));
  const sightOf = await look(objects);
  assert.deepEqual(
    objects.map(sightOf),
    objects.map((_, index) => (index < NAMES_MAX ? 'hidden' : 'unchecked')),
  );
  assert.equal(asked.length, NAMES_MAX + 3);
  assert.equal((await look([pod('a', 'late')]))(pod('a', 'late')), 'unchecked');
});

test('beyond the limit of scopes it is not known', async () => {
  const { asked, isAllowed } = reviewer([]);
  const { look } = visibilityOf(isAllowed, { limit: listReviewLimit() });
  const objects = Array.from({ length: NAMELESS_MAX }, (_, index) => pod(`n${index}`, ''));
  const sightOf = await look(objects);
  assert.equal(objects.map(sightOf).filter((sight) => sight === 'hidden').length, NAMELESS_MAX - 2);
  assert.equal(objects.map(sightOf).filter((sight) => sight === 'unchecked').length, 2);
  assert.equal(asked.length, NAMELESS_MAX);
});

test('what is visible is what the asker may get, whatever the rights', async () => {
  const word = fc.constantFrom('a', 'b', 'c');
  const key = fc
    .record({
      group: fc.constantFrom('', 'apps'),
      resource: fc.constantFrom('pods', 'nodes'),
      namespace: word,
      name: word,
    })
    .map(({ group, resource, namespace, name }) => objectKey(group, resource, namespace, name));
  // As RBAC has it: in all namespaces or in one; all names or one.
  const right = fc.record(
    {
      group: fc.constantFrom('', 'apps'),
      resource: fc.constantFrom('pods', 'nodes'),
      namespace: word,
      name: word,
    },
    { requiredKeys: [] },
  );
  await checkAsyncProperty(
    fc.asyncProperty(fc.array(key), fc.array(right, { maxLength: 4 }), async (objects, rights) => {
      const grants = rights.map((granted) => (attributes: ResourceAttributes): boolean => {
        // '' and '*' ask for all: only a right without that limit grants it.
        const covers = (limit: string | undefined, wanted: string, all: string): boolean =>
          limit === undefined || (wanted !== all && limit === wanted);
        return (
          covers(granted.group, attributes.group, '*') &&
          covers(granted.resource, attributes.resource, '*') &&
          covers(granted.namespace, attributes.namespace, '') &&
          covers(granted.name, attributes.name, '')
        );
      });
      const isAllowed = (attributes: ResourceAttributes): boolean =>
        grants.some((grant) => grant(attributes));
      const { look } = visibilityOf((attributes) => Promise.resolve(isAllowed(attributes)), {
        limit: listReviewLimit(),
      });
      const sightOf = await look(objects);
      for (const object of objects) {
        assert.equal(sightOf(object) === 'visible', isAllowed(readAttributes(object)));
      }
    }),
  );
});

/** Reviews that are answered when they are told to. */
function patientReviewer() {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    waiting,
    underWay: () => underWay,
    isAllowed: async (): Promise<boolean> => {
      underWay += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      underWay -= 1;
      return false;
    },
  };
}

const LIST = Array.from({ length: 40 }, (_, index) => pod(`n${index}`, ''));

const LISTS = 6;

test('all lists together have sixteen reviews under way, four of each, and each gets what it asked', async () => {
  const { waiting, underWay, isAllowed } = patientReviewer();
  const limit = listReviewLimit();
  const looks = Promise.all(
    Array.from({ length: LISTS }, () => visibilityOf(isAllowed, { limit }).look(LIST)),
  );
  let most = 0;
  // Of each list: all resources, all pods, and one for each namespace. Each review takes its turn.
  for (let answered = 0; answered < LISTS * (2 + LIST.length);) {
    await new Promise(setImmediate);
    most = Math.max(most, underWay());
    for (const resolve of waiting.splice(0)) {
      resolve();
      answered += 1;
    }
  }
  assert.equal(most, 16);
  for (const sightOf of await looks) assert.deepEqual(new Set(LIST.map(sightOf)), new Set(['hidden']));
});

test('for an answer that nobody waits for nothing more is asked, and others are asked for at once', async () => {
  const { asked, isAllowed } = reviewer([{ group: '*' }]);
  const { waiting, underWay, isAllowed: isEver } = patientReviewer();
  const limit = listReviewLimit();
  const client = new AbortController();
  // Each object is another question, as if all wider rights were denied.
  const looks = LIST.map((object) => visibilityOf(isEver, { limit, signal: client.signal }).look([object]));
  const other = visibilityOf(isAllowed, { limit }).look([pod('a', '1')]);
  await new Promise(setImmediate);
  assert.equal(underWay(), 16);
  client.abort(new Error('the client is gone'));
  const ended = Promise.allSettled(looks);
  waiting.splice(0).forEach((resolve) => resolve());
  assert.equal((await other)(pod('a', '1')), 'visible');
  const reasons = (await ended).map((end) => (end.status === 'rejected' ? String(end.reason) : ''));
  assert.deepEqual(new Set(reasons), new Set(['Error: the client is gone']));
  assert.equal(waiting.length, 0, 'none was asked after the end');
  assert.equal(asked.length, 1);
});

test('what somebody asked us about is seen by who may read everything there, whatever they may read of our group', async () => {
  const question = objectKey(GROUP, 'secrets', 'a', 'db');
  const sightWith = async (rights: readonly Partial<ResourceAttributes>[]): Promise<Sight> => {
    const { isAllowed } = reviewer(rights);
    return (await visibilityOf(isAllowed, { limit: listReviewLimit() }).look([question]))(question);
  };
  assert.equal(await sightWith([{ group: GROUP }]), 'hidden');
  assert.equal(await sightWith([{ resource: 'secrets' }]), 'hidden');
  assert.equal(await sightWith([{ group: '*', resource: '*', namespace: 'b' }]), 'hidden');
  assert.equal(await sightWith([{ group: '*', resource: '*', namespace: 'a' }]), 'visible');
  assert.equal(await sightWith([{ group: '*', resource: '*', namespace: '' }]), 'visible');
});

test('a long list takes four places, and leaves the others to other lists', async () => {
  const { underWay, isAllowed, waiting } = patientReviewer();
  const limit = listReviewLimit();
  const { look } = visibilityOf(isAllowed, { limit });
  // Each look asks one question more: none waits for another's answer.
  const looks = Array.from({ length: 40 }, (_, index) => look([objectKey(`g${index}`, 'pods', 'a', 'x')]));
  await new Promise(setImmediate);
  waiting.splice(0).forEach((resolve) => resolve());
  await new Promise(setImmediate);
  assert.equal(underWay(), 4);
  while (waiting.length > 0) {
    waiting.splice(0).forEach((resolve) => resolve());
    await new Promise(setImmediate);
  }
  await Promise.all(looks);
});
