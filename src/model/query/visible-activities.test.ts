/** Activities for those who may not see everything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { actionRef, type Action } from '../action.ts';
import { objectKey } from '../object-key.ts';
import { micros } from '../time.ts';
import { arrayReader } from '../../testing/array-reader.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import { listActivities } from './activities.ts';
import { countActivities } from './activity-counts.ts';
import type { Sight, Visibility } from './visibility.ts';

function actionOn(ref: number, name: string): Action {
  return {
    ref: actionRef(ref),
    timestamp: micros(1000 + (ref >> 1)),
    actor: { user: 'u', impersonatedBy: undefined, userAgent: '', sourceIPs: [] },
    verb: 'patch',
    object: objectKey('', 'pods', 'a', name),
    subresource: '',
    code: 200,
    auditID: String(ref),
    dryRun: false,
  };
}

/** Sees what begins with v; what begins with u becomes clear only to those who begin anew, `max` names at a time. */
function sight(max: number): Visibility {
  const known = new Map<string, Sight>();
  return {
    look(objects) {
      for (const { name } of objects) {
        if (known.has(name)) continue;
        const isOneTooMany =
          name.startsWith('u') && [...known.keys()].filter((n) => n.startsWith('u')).length >= max;
        known.set(name, isOneTooMany ? 'unchecked' : name.startsWith('h') ? 'hidden' : 'visible');
      }
      return Promise.resolve(({ name }) => known.get(name) ?? 'unchecked');
    },
  };
}

test('pages show everything that may be seen, once, whatever had to be left for the next page', async () => {
  const names = fc.array(fc.constantFrom('v1', 'v2', 'h1', 'h2', 'u1', 'u2', 'u3', 'u4'), { maxLength: 40 });
  await checkAsyncProperty(
    fc.asyncProperty(names, fc.integer({ min: 1, max: 7 }), async (objects, limit) => {
      const actions = objects.map((name, index) => actionOn(index, name));
      const reader = arrayReader([], actions);
      const seen: string[] = [];
      let from: string | undefined;
      let pages = 0;
      do {
        const page = await listActivities(reader, { limit, continue: from }, { visibility: sight(1) });
        assert.ok(page.items.length <= limit);
        seen.push(...page.items.map(({ auditID }) => auditID));
        from = page.metadata.continue;
        pages += 1;
        assert.ok(pages <= actions.length + 1, 'it comes to an end');
      } while (from !== undefined);
      const expected = actions.filter(({ object }) => !object.name.startsWith('h')).toReversed();
      assert.deepEqual(
        seen,
        expected.map(({ auditID }) => auditID),
      );
    }),
  );
});

test('a page that is filled from among hidden actions is full', async () => {
  const actions = Array.from({ length: 100 }, (_, index) => actionOn(index, index % 10 === 0 ? 'v' : 'h'));
  const page = await listActivities(arrayReader([], actions), { limit: 4 }, { visibility: sight(0) });
  assert.deepEqual(
    page.items.map(({ auditID }) => auditID),
    ['90', '80', '70', '60'],
  );
  assert.notEqual(page.metadata.continue, undefined);
});

test('what is hidden leaves no trace, in no page and no token', async () => {
  const names = fc.array(fc.constantFrom('v1', 'v2', 'h1', 'h2'), { maxLength: 30 });
  await checkAsyncProperty(
    fc.asyncProperty(names, fc.integer({ min: 1, max: 5 }), async (objects, limit) => {
      const all = objects.map((name, index) => actionOn(index, name));
      const shown = all.filter(({ object }) => object.name.startsWith('v'));
      const pageOf = async (actions: readonly Action[]) => {
        const { items, metadata } = await listActivities(
          arrayReader([], actions),
          { limit },
          { visibility: sight(0) },
        );
        return [items, metadata.continue === undefined];
      };
      assert.deepEqual(await pageOf(all), await pageOf(shown));
    }),
  );
});

test('counts leave out what may not be seen, and say so where that is not known', async () => {
  const actions = ['v', 'h', 'u1', 'u2', 'v'].map((name, index) => actionOn(index, name));
  const counts = await countActivities(arrayReader([], actions), {}, 'verb', { visibility: sight(1) });
  assert.deepEqual([counts.total, counts.incomplete], [3, true]);
  const all = await countActivities(arrayReader([], actions), {}, 'verb', { visibility: sight(2) });
  assert.deepEqual([all.total, all.incomplete], [4, undefined]);
});

test('nobody waits any more: the scan is given up', async () => {
  const actions = Array.from({ length: 50 }, (_, index) => actionOn(index, 'v'));
  const gone = AbortSignal.abort(new Error('gone'));
  await assert.rejects(
    countActivities(arrayReader([], actions), { user: 'u' }, 'verb', {
      signal: gone,
      visibility: sight(0),
    }).then(() =>
      listActivities(arrayReader([], actions), { limit: 1 }, { signal: gone, visibility: hidden }),
    ),
    /gone/,
  );
});

const hidden: Visibility = { look: () => Promise.resolve(() => 'hidden') };
