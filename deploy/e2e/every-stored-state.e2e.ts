/**
 * The history of every object of a real cluster against what kube-apiserver stored: load and peculiar writes on a cluster
 * with all of its controllers, a scheduler and nodes, logged with all bodies; then each version held against etcd's own record.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { equalJson, type JsonValue, parseJson, isObject, stringifyJson } from '../../src/model/json.ts';
import { keyString } from '../../src/model/object-key.ts';
import type { Reader } from '../../src/model/reader.ts';
import { indexLogs } from '../../src/testing/index-log.ts';
import { churn, userOfLane } from './cluster/churn.ts';
import { Cluster } from './cluster/cluster.ts';
import { differences, storedContents, type StoredContent } from './cluster/compare-states.ts';
import { makePeculiarWrites } from './cluster/peculiar-writes.ts';
import { readStoredStates, type StoredState } from './cluster/stored-states.ts';

const LANES = 4;
const WRITES = 400;
/** Not in the log, by policy. */
const UNLOGGED: ReadonlySet<string> = new Set(['leases', 'events']);

describe('Every stored state of a cluster', () => {
  let cluster: Cluster | undefined;
  let log = '';
  let reader: Reader;
  let states: ReadonlyMap<string, readonly StoredState[]>;

  before(async () => {
    cluster = await Cluster.start({
      storageMediaType: 'application/json',
      controllers: 'all',
      scheduler: true,
      nodes: 2,
    });
    const { plane } = cluster;
    await churn(plane, { lanes: LANES, namespaces: 2, enough: (sent) => sent >= WRITES });
    await makePeculiarWrites(cluster);
    const { exitCode, stderr } = await cluster.kubectl(['delete', 'namespace', 'churn-1']);
    assert.equal(exitCode, 0, stderr);
    await plane.stopWriting();
    log = cluster.auditLogPath;
    reader = await indexLogs(log);
    states = byObject(await readStoredStates(plane.etcdUrl));
  });
  after(async () => cluster?.stop());

  it('is a version with the content that was stored, and there is no other version', () => {
    const wrong: string[] = [];
    let versions = 0;
    for (const [key, objectStates] of states) {
      const [{ key: objectKey } = assert.fail()] = objectStates;
      const history = reader.history(objectKey)?.versions ?? [];
      versions += history.length;
      const stored = told(storedContents(objectStates), objectStates, states, history.length);
      const found = differences(history, stored);
      if (found.length > 0) wrong.push([key, ...found].join('\n    '));
    }
    assert.deepEqual(wrong, []);
    assert.ok(states.size > 300 && versions > 800, `${states.size} objects, ${versions} versions`);
  });

  it('is of an object that was stored', () => {
    const invented = [...reader.histories({})]
      .map(({ key }) => keyString(key))
      .filter((key) => !states.has(key));
    assert.deepEqual(invented, []);
  });

  it('is credited to who wrote it', () => {
    const wrong: string[] = [];
    let versions = 0;
    for (const { key, versions: all } of reader.histories({ namespace: 'churn-0' })) {
      const lane = /^(?:configmap|service|postgres)-(\d+)-\d+$/.exec(key.name)?.[1];
      if (lane === undefined || !['configmaps', 'services', 'postgreses'].includes(key.resource)) continue;
      versions += all.length;
      for (const { number, actor } of all) {
        if (actor.user !== userOfLane(Number(lane)))
          wrong.push(`${keyString(key)} v${number}: ${actor.user}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(versions > 50, `${versions} versions`);
  });

  it('is claimed to be known only where it is, when the log holds no answers', async () => {
    const path = join(cluster?.folder ?? assert.fail(), 'without-answers.log');
    await writeFile(path, withoutAnswers(await readFile(log, 'utf8')));
    const wrong: string[] = [];
    let claims = 0;
    for (const { key, versions } of (await indexLogs(path)).histories({})) {
      const stored = storedContents(states.get(keyString(key)) ?? []);
      for (const { number, fidelity, content, deleted } of versions) {
        if (fidelity !== 'exact' && fidelity !== 'derived') continue;
        claims += 1;
        const fits = stored.some(
          (state) => deleted === (state.content === undefined) && equalJson(content, state.content),
        );
        if (!fits) wrong.push(`${keyString(key)} v${number} (${fidelity}): never stored`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(claims > 40, `${claims} claims`);
  });
});

function byObject(states: readonly StoredState[]): ReadonlyMap<string, readonly StoredState[]> {
  const objects = new Map<string, StoredState[]>();
  for (const state of states) {
    if (UNLOGGED.has(state.key.resource)) continue;
    const key = keyString(state.key);
    const known = objects.get(key);
    if (known === undefined) objects.set(key, [state]);
    else known.push(state);
  }
  return objects;
}

/**
 * What the log can tell of. Deleting a Service deletes the Endpoints of its name inside kube-apiserver, without a request
 * and thus without an event (kubernetes/pkg/registry/core/service/storage/storage.go, afterDelete).
 */
function told(
  stored: StoredContent[],
  states: readonly StoredState[],
  all: ReadonlyMap<string, readonly StoredState[]>,
  versionCount: number,
): StoredContent[] {
  const { key, value, revision } = states.at(-1) ?? assert.fail();
  if (key.group !== '' || key.resource !== 'endpoints' || value !== undefined) return stored;
  const service = all.get(keyString({ ...key, resource: 'services' }))?.at(-1);
  const withService = service?.value === undefined && service !== undefined && service.revision < revision;
  return withService && versionCount === stored.length - 1 ? stored.slice(0, -1) : stored;
}

/** The log as a policy of level Request would have it. */
function withoutAnswers(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  return lines.map((line) => `${stringifyJson(withoutAnswer(parseJson(line)))}\n`).join('');
}

function withoutAnswer(event: JsonValue): JsonValue {
  if (!isObject(event)) return event;
  const { responseObject: _, ...rest } = event;
  return rest['level'] === 'RequestResponse' ? { ...rest, level: 'Request' } : rest;
}
