import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listActivities } from '../../model/query/activities.ts';
import { countActivities } from '../../model/query/activity-counts.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { activitiesText } from './activities-text.ts';

test('a line for each action, and how to go on', async () => {
  const page = await listActivities(fixtureReader(), { limit: 5 });
  const next = page.metadata.continue;
  assert.ok(next !== undefined);
  assert.equal(
    activitiesText(page),
    `2026-11-22T11:40:00.000000Z  200  alice    patch deployments.apps payments/api                  dry run
2026-11-22T11:30:00.000000Z  200  mallory  patch clusterroles.rbac.authorization.k8s.io viewer  v2
2026-11-22T09:10:00.000000Z  101  alice    create exec of pods payments/api-0
2026-11-22T09:00:00.000000Z  200  alice    patch deployments.apps payments/api                  v2
2026-11-22T08:30:00.000000Z  403  mallory  delete deployments.apps payments/api

older actions: continue=${next}
`,
  );
});

test('counts, and no actions', async () => {
  const reader = fixtureReader();
  assert.equal(
    activitiesText(await countActivities(reader, {}, 'namespace')),
    '6 actions by namespace\n    5  payments\n    1  (none)\n',
  );
  assert.equal(activitiesText(await countActivities(reader, { user: 'x' }, 'user')), '0 actions by user\n');
  assert.equal(activitiesText(await listActivities(reader, { user: 'x' })), 'no actions\n');
});
