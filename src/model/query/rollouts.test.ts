import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrayReader } from '../../testing/array-reader.ts';
import { makeHistory, makeVersion, webKey, type Held } from '../../testing/arbitraries.ts';
import { checkAsyncProperty } from '../../testing/property.ts';
import type { JsonObject } from '../json.ts';
import type { Version } from '../version.ts';
import { listRollouts, type Rollout } from './rollouts.ts';

function workload(image: string, more: JsonObject = {}, init?: string): JsonObject {
  const initContainers = init === undefined ? {} : { initContainers: [{ name: 'init', image: init }] };
  const containers = [
    { name: 'api', image },
    { name: 'log', image: 'log:1' },
  ];
  return { spec: { template: { spec: { ...initContainers, containers } }, ...more } };
}

async function rollouts(...held: Held[]): Promise<readonly Rollout[]> {
  const { items } = await listRollouts(arrayReader([makeHistory(held)]));
  return items.flatMap((item) => item.rollouts);
}

test('template changes count, scales do not, a return says so', async () => {
  const found = await rollouts(
    workload('a:1', { replicas: 1 }),
    workload('a:2', { replicas: 1 }),
    workload('a:2', { replicas: 5 }),
    workload('a:1', { replicas: 5 }),
  );
  assert.deepEqual(
    found.map(({ version, images, returnsTo }) => [version, images, returnsTo]),
    [
      [
        'v1',
        [
          { container: 'api', to: 'a:1' },
          { container: 'log', to: 'log:1' },
        ],
        undefined,
      ],
      ['v2', [{ container: 'api', from: 'a:1', to: 'a:2' }], undefined],
      ['v4', [{ container: 'api', from: 'a:2', to: 'a:1' }], 'v1'],
    ],
  );
});

test('init containers have images too, and containers come and go', async () => {
  const found = await rollouts(
    workload('a:1'),
    workload('a:1', {}, 'i:1'),
    workload('a:1', {}, 'i:2'),
    workload('a:1'),
  );
  assert.deepEqual(
    found.slice(1).map(({ images }) => images),
    [
      [{ container: 'init', to: 'i:1' }],
      [{ container: 'init', from: 'i:1', to: 'i:2' }],
      [{ container: 'init', from: 'i:2' }],
    ],
  );
});

test('a deletion is none; being created again is one', async () => {
  const found = await rollouts(workload('a:1'), 'deleted', workload('a:1'));
  assert.deepEqual(
    found.map(({ version, returnsTo }) => [version, returnsTo]),
    [
      ['v1', undefined],
      ['v3', 'v1'],
    ],
  );
});

test('what happened while nothing was recorded is uncertain', async () => {
  const found = await rollouts(workload('a:1'), 'unknown', workload('a:2'), workload('a:3'));
  assert.deepEqual(
    found.map(({ version, uncertain }) => [version, uncertain]),
    [
      ['v1', undefined],
      ['v3', true],
      ['v4', undefined],
    ],
  );
  assert.deepEqual(
    (await rollouts('unknown', workload('a:1'))).map(({ version, images }) => [version, images]),
    [['v1', []]],
  );
});

test('a workload first seen at a later write was not rolled out by it', async () => {
  const seen = async (first: Partial<Version>) => {
    const versions = [
      makeVersion(1, { content: workload('a:1'), ...first }),
      makeVersion(2, { content: workload('a:2') }),
    ];
    const { items } = await listRollouts(arrayReader([{ key: webKey, versions }]));
    return items.flatMap((item) => item.rollouts.map(({ version }) => version));
  };
  assert.deepEqual(await seen({ operation: 'patch', firstSeen: true }), ['v2']);
  assert.deepEqual(await seen({ operation: 'apply', firstSeen: false }), ['v1', 'v2']);
  assert.deepEqual(await seen({ operation: 'create' }), ['v1', 'v2']);
  const again = { created: true, firstSeen: true, uid: 'uid-2', content: workload('a:2') };
  const versions = [makeVersion(1, { content: workload('a:1') }), makeVersion(2, again)];
  assert.equal(
    (await listRollouts(arrayReader([{ key: webKey, versions }]))).total,
    1,
    'created again, unseen',
  );
});

/** The rollouts of versions that say only what is special about them, and whether they are uncertain. */
async function rolloutsAmong(...made: Partial<Version>[]): Promise<string[]> {
  const versions = made.map((one, index) => makeVersion(index + 1, one));
  const { items } = await listRollouts(arrayReader([{ key: webKey, versions }]));
  return items.flatMap((item) =>
    item.rollouts.map(({ version, uncertain }) => `${version}${uncertain ? '?' : ''}`),
  );
}

test('a version that was not all recorded proves nothing by what it does not show', async () => {
  const part = (content: JsonObject): Partial<Version> => ({ content, contentComplete: false });
  const whole = (image: string): Partial<Version> => ({ content: workload(image) });
  const hole: Partial<Version> = { content: undefined, fidelity: 'unknown' };
  const scaled = { ...part({ spec: { replicas: 3 } }), firstSeen: true };
  const labelled = part({ metadata: { labels: { a: 'b' } } });
  assert.deepEqual(await rolloutsAmong(scaled, whole('a:1'), whole('a:2')), ['v3']);
  assert.deepEqual(await rolloutsAmong(whole('a:1'), hole, labelled, whole('a:1')), ['v1']);
  assert.deepEqual(await rolloutsAmong(whole('a:1'), hole, labelled, whole('a:2')), ['v1', 'v4?']);
  const image = (text: string) =>
    part({ spec: { template: { spec: { containers: [{ name: 'api', image: text }] } } } });
  assert.deepEqual(await rolloutsAmong(whole('a:1'), hole, image('a:2'), whole('a:2')), ['v1', 'v3?']);
  assert.deepEqual(await rolloutsAmong(whole('a:1'), hole, image('a:1'), whole('a:1')), ['v1']);
  assert.deepEqual(await rolloutsAmong({ ...image('a:1'), firstSeen: true }, image('a:2'), whole('a:2')), [
    'v2',
  ]);
});

test('a rollout says which paths of the template changed', async () => {
  const found = await rollouts(workload('a:1'), workload('a:2', { replicas: 2 }), 'deleted', workload('a:2'));
  assert.deepEqual(
    found.map(({ changed }) => changed),
    [null, ['spec.template.spec.containers[name=api].image'], null],
  );
});

test('workloads are counted one by one, in a namespace and a span of time', async () => {
  const key = (resource: string, namespace: string) => ({ ...webKey, resource, namespace });
  const held = [workload('a:1'), workload('a:2')];
  const reader = arrayReader([
    makeHistory(held, key('deployments', 'shop')),
    makeHistory(held, key('statefulsets', 'shop')),
    makeHistory(held, key('daemonsets', 'other')),
    makeHistory(held, key('replicasets', 'shop')),
  ]);
  assert.equal((await listRollouts(reader)).total, 6);
  const shop = await listRollouts(reader, { namespace: 'shop' });
  assert.deepEqual(
    shop.items.map(({ object, count }) => [object.resource, count]),
    [
      ['deployments', 2],
      ['statefulsets', 2],
    ],
  );
  const second = makeVersion(2).timestamp;
  assert.equal((await listRollouts(reader, { since: second })).total, 3);
  assert.equal((await listRollouts(reader, { until: second })).total, 3);
  assert.deepEqual((await listRollouts(reader, { namespace: 'none' })).items, []);
});

test('as many rollouts as creations and changes of the image, by a plain count', async () => {
  const images = fc.constantFrom('a:1', 'a:2', 'a:3');
  const steps = fc.array(fc.oneof(images, fc.constant('deleted' as const)), { minLength: 1, maxLength: 8 });
  await checkAsyncProperty(
    fc.asyncProperty(steps, async (states) => {
      const known = states.filter(
        (state, index) => state !== 'deleted' || (states[index - 1] ?? state) !== state,
      );
      fc.pre(known.length > 0 && known[0] !== 'deleted');
      const expected = known.filter(
        (state, index) => state !== 'deleted' && state !== known[index - 1],
      ).length;
      const found = await rollouts(...known.map((state) => (state === 'deleted' ? state : workload(state))));
      assert.equal(found.length, expected);
      for (const { version, returnsTo } of found) {
        const image = known[Number(version.slice(1)) - 1] ?? assert.fail();
        const first = known.indexOf(image) + 1;
        assert.equal(returnsTo, `v${first}` === version ? undefined : `v${first}`);
      }
    }),
  );
});
