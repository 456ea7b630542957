import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import { objectKey } from '../../../src/model/object-key.ts';
import type { Version } from '../../../src/model/version.ts';
import { rawEvent, storedDeployment } from '../../../src/testing/events.ts';
import { indexLogs } from '../../../src/testing/index-log.ts';
import { differences, storedContents } from './compare-states.ts';
import type { StoredState } from './stored-states.ts';

const key = objectKey('apps', 'deployments', 'shop', 'web');

function stored(revision: number, spec?: JsonObject, metadata: JsonObject = {}): StoredState {
  const { resourceVersion: _, ...rest } = { resourceVersion: '', name: 'web', ...metadata };
  const value = { kind: 'Deployment', apiVersion: 'apps/v1', metadata: rest, ...(spec && { spec }) };
  return {
    key,
    resourceVersion: String(revision),
    revision: BigInt(revision),
    value: spec === undefined ? undefined : value,
  };
}

/** What the pipeline makes of two writes. */
async function twoVersions(t: TestContext): Promise<readonly Version[]> {
  const folder = await mkdtemp(join(tmpdir(), 'compare-states-'));
  t.after(async () => rm(folder, { recursive: true }));
  const lines = [
    rawEvent({ verb: 'create', atSeconds: 1, code: 201, fields: storedDeployment(5, { replicas: 1 }) }),
    rawEvent({ atSeconds: 2, fields: storedDeployment(7, { replicas: 2 }) }),
  ];
  await writeFile(join(folder, 'audit.log'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const store = await indexLogs(join(folder, 'audit.log'));
  return store.history(key)?.versions ?? [];
}

test('only states that change the content count', () => {
  const states = [
    stored(5, { replicas: 1 }),
    stored(6, { replicas: 1 }, { generation: 2 }),
    stored(7, { replicas: 1 }, { labels: { a: 'b' } }),
    stored(8),
    stored(9, { replicas: 1 }),
  ];
  assert.deepEqual(
    storedContents(states).map(({ resourceVersion, content }) => [resourceVersion, content !== undefined]),
    [
      ['5', true],
      ['7', true],
      ['8', false],
      ['9', true],
    ],
  );
});

test('a Job is compared with the labels that it is served with', () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: {} };
  const value = { kind: 'Job', apiVersion: 'batch/v1', metadata: { name: 'web' }, spec: { template } };
  const [job] = storedContents([{ ...stored(5), value }]);
  assert.deepEqual(job?.content, { metadata: { labels: { app: 'a' } }, spec: { template } });
});

test('versions that are what was stored have no differences', async (t) => {
  const states = [stored(5, { replicas: 1 }), stored(6, { replicas: 1 }), stored(7, { replicas: 2 })];
  assert.deepEqual(differences(await twoVersions(t), storedContents(states)), []);
});

test('each kind of difference is found', async (t) => {
  const versions = await twoVersions(t);
  const first = stored(5, { replicas: 1 });
  for (const [states, found] of [
    [[first, stored(7, { replicas: 3 })], /^v2 \(update, exact\): not the content/],
    [[first, stored(8, { replicas: 2 })], /^v2 \(update, exact\): resourceVersion 7 was stored as 8/],
    [[first], /^2 versions of 1 stored contents/],
    [[first, stored(7, { replicas: 2 }), stored(9)], /^2 versions of 3 stored contents/],
    [[first, stored(7)], /^v2 \(update, exact\): not the content/],
  ] as const) {
    assert.match(differences(versions, storedContents(states))[0] ?? 'none', found);
  }
  const [version] = versions;
  assert.ok(version);
  const vague = { ...version, fidelity: 'partial' as const };
  assert.match(differences([vague], storedContents([first]))[0] ?? 'none', /^v1 .*its content is not known/);
});
