/**
 * What is known of a cluster whose audit policy logs less than answers: who wrote what kind of change and when is known all the
 * same, and no content is said to be surer than it is.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isObject, objectMember, stringMember, type JsonValue } from '../../src/model/json.ts';
import { tellLevels, TOLD_OBJECTS, type Told } from './testing/level-story.ts';
import { itemsOf, membersOf, pick } from './testing/pick.ts';
import { ProvenanceCluster } from './testing/provenance-cluster.ts';

type Resource = keyof typeof TOLD_OBJECTS;

const RESOURCES: readonly Resource[] = ['configmaps', 'deployments', 'wares'];
/** How surely the content after each write is known. Deletions come last. */
const FIDELITIES = {
  Request: {
    configmaps: ['partial', 'partial', 'partial', 'partial'],
    deployments: ['partial', 'partial', 'partial', 'partial', 'partial'],
    // A JSON Patch stands in the log as its patch: what it was applied to does not.
    wares: ['derived', 'derived', 'unknown', 'partial'],
  },
  // That an object is gone is known, if not by how much (it may wait for finalizers).
  Metadata: {
    configmaps: ['unknown', 'unknown', 'unknown', 'partial'],
    deployments: ['unknown', 'unknown', 'unknown', 'unknown', 'partial'],
    wares: ['unknown', 'unknown', 'unknown', 'partial'],
  },
} as const;

for (const audit of ['Request', 'Metadata'] as const) {
  describe(`A cluster audited at the level ${audit}`, () => {
    let at: ProvenanceCluster | undefined;
    let told: Told | undefined;

    before(async () => {
      at = await ProvenanceCluster.start({ audit });
      told = await tellLevels(at);
    });
    after(async () => at?.stop());

    function running(): ProvenanceCluster {
      assert.ok(at);
      return at;
    }

    function toldOf(resource: Resource): Told[Resource] {
      assert.ok(told);
      return told[resource];
    }

    async function versionsOf(resource: Resource): Promise<readonly JsonValue[]> {
      return itemsOf(await running().answer(`${TOLD_OBJECTS[resource]}/versions`));
    }

    for (const resource of RESOURCES) {
      it(`tells who wrote ${resource}, how and when`, async () => {
        const versions = await versionsOf(resource);
        const writes = toldOf(resource);
        assert.deepEqual(
          membersOf(versions, 'user'),
          writes.map(({ user }) => user),
        );
        assert.deepEqual(
          membersOf(versions, 'operation'),
          writes.map(({ operation }) => operation),
        );
        const times = membersOf(versions, 'timestamp').map(String);
        assert.deepEqual(times, times.toSorted());
        for (const [index, { sentMs, answeredMs }] of writes.entries()) {
          const timeMs = Date.parse(times[index] ?? '');
          assert.ok(timeMs >= sentMs && timeMs <= answeredMs, `${times[index]} is not between them`);
        }
        assert.deepEqual(
          versions.map((version) => pick(version, 'deleted') ?? false),
          writes.map(({ operation }) => operation === 'delete'),
        );
      });

      it(`says how surely it knows what ${resource} hold`, async () => {
        assert.deepEqual(membersOf(await versionsOf(resource), 'fidelity'), FIDELITIES[audit][resource]);
        const item = itemsOf(await running().answer('namespaces/default/objecthistories')).find(
          (history) => `namespaces/default/${wordsOf(history)}` === TOLD_OBJECTS[resource],
        );
        assert.equal(pick(item, 'fidelity'), FIDELITIES[audit][resource].at(-1));
      });
    }

    if (audit === 'Request') {
      it('has of custom resources what was stored, where it says so', async () => {
        for (const [index, { stored }] of toldOf('wares').entries()) {
          if (FIDELITIES.Request.wares[index] !== 'derived') continue;
          const path = `${TOLD_OBJECTS.wares}/manifest?version=${index + 1}`;
          assert.deepEqual(specOf(await running().answer(path)), specOf(stored));
        }
      });

      it('has the replicas that were asked for', async () => {
        for (const [index, { stored }] of toldOf('deployments').entries()) {
          if (stored === undefined) continue;
          const manifest = await running().answer(
            `${TOLD_OBJECTS.deployments}/manifest?version=${index + 1}`,
          );
          assert.equal(pick(manifest, 'spec', 'replicas'), pick(stored, 'spec', 'replicas'));
        }
      });

      it('refuses what a JSON Patch left, and names what would do', async () => {
        await refused(`${TOLD_OBJECTS.wares}/manifest?version=3`, /does not hold the content of v3.*v2/);
        await refused(
          `${TOLD_OBJECTS.wares}/diff?start=2&end=3`,
          /does not hold the content of v3.*ask for v2/,
        );
      });
    } else {
      it('refuses contents, and says that they were not recorded', async () => {
        for (const resource of RESOURCES) {
          const path = TOLD_OBJECTS[resource];
          const written = toldOf(resource).filter(({ operation }) => operation !== 'delete');
          for (const number of written.keys()) {
            await refused(
              `${path}/manifest?version=${number + 1}`,
              new RegExp(String.raw`does not hold the content of v${number + 1} .*recorded no body`),
            );
          }
          await refused(`${path}/manifest`, /a deletion: no content of it was recorded/);
          await refused(`${path}/diff?start=1&end=2`, /does not hold the content of v1 .*recorded no body/);
          await refused(`${path}/bisect?field=a&value=1`, /holds the content of none/);
          const specs = itemsOf(await running().answer(`${path}/spechistory`));
          assert.deepEqual(
            membersOf(specs, 'spec').filter((spec) => spec !== null),
            [],
          );
        }
      });
    }

    async function refused(path: string, words: RegExp): Promise<void> {
      const { status, body } = await running().ask(path);
      assert.equal(status, 404, path);
      assert.match((isObject(body) && stringMember(body, 'message')) || '', words, path);
    }
  });
}

/** What a history is of, as a path has it. */
function wordsOf(history: JsonValue): string {
  const object = (isObject(history) && objectMember(history, 'object')) || {};
  return ['resource', 'name'].map((key) => stringMember(object, key) ?? '').join('/');
}

function specOf(object: JsonValue | undefined): JsonValue | undefined {
  return isObject(object) ? objectMember(object, 'spec') : undefined;
}
