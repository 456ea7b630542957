import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listRollouts } from '../../model/query/rollouts.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { rolloutsText } from './rollouts-text.ts';

test('the total, then each workload with its images', async () => {
  assert.equal(
    rolloutsText(await listRollouts(fixtureReader())),
    `4 rollouts

deployments.apps payments/api (4 rollouts)
    v6  2026-11-22T10:31:00.000000Z  gitops                 api: api:1.2
    v4  2026-11-22T10:00:00.000000Z  ci-bot                 api: api:1.1 -> api:1.0 (returns to v1)
    v2  2026-11-22T09:00:00.000000Z  breakglass (as alice)  api: api:1.0 -> api:1.1
    v1  2026-11-22T08:00:00.000000Z  ci-bot                 api: api:1.0
`,
  );
  assert.equal(rolloutsText(await listRollouts(fixtureReader(), { namespace: 'x' })), '0 rollouts\n');
});

test('without an image, the paths that changed, or that it was created', async () => {
  const [item] = (await listRollouts(fixtureReader())).items;
  const [rollout] = item?.rollouts ?? [];
  assert.ok(item !== undefined && rollout !== undefined);
  const text = async (changed: string[] | null) => {
    const rollouts = [{ ...rollout, images: [], changed }];
    return rolloutsText({ ...(await listRollouts(fixtureReader())), items: [{ ...item, rollouts }] });
  };
  assert.match(
    await text(['spec.template.a', 'spec.template.b']),
    / ci-bot {2}spec\.template\.a, spec\.template\.b\n$/,
  );
  assert.match(await text(null), / ci-bot {2}created\n$/);
});
