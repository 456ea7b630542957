/**
 * An aggregated API server that is slow to answer discovery holds up others: garbage collection and the deletion of every
 * namespace. So our server starts on a log of 200 MB, and while it reads that, and afterwards, the cluster must not notice.
 *
 * One run, looked at from several sides: `before` starts everything, deletes a namespace at once (which takes 5 seconds at
 * least: namespaceDeletionGracePeriod of the controller), lets the log grow until it is gone, and waits for the end of the log.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isArray, type JsonValue } from '../../src/model/json.ts';
import type { Cluster } from './cluster/cluster.ts';
import { namespace } from './cluster/manifests.ts';
import { waitUntil, type CommandResult } from './cluster/processes.ts';
import { printed, printedJson } from './testing/kubectl.ts';
import { itemsOf, itemWith, membersOf, parsed, pick } from './testing/pick.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';
import { ReplayLog } from './testing/replay-log.ts';
import { behind, keepBehind, watchReplay, type ReplaySample } from './testing/replay-watch.ts';

const LOG_BYTES = 200_000_000;
const DISCOVERY_MS_MAX = 1000;
const DELETED_MS_MAX = 60_000;

/** What was seen while the log was being read. */
interface Replay {
  readonly samples: readonly ReplaySample[];
  readonly deletion: CommandResult;
  /** What was left of the log when the namespace was gone. */
  readonly bytesBehindAfterDeletion: number;
  /** What kubectl printed when it asked for data. */
  readonly answer: CommandResult;
}

describe('While a log of 200 MB is read', () => {
  let at: ProvenanceCluster;
  let log: ReplayLog;
  let replay: Replay;

  before(async () => {
    at = await ProvenanceCluster.start({
      controllers: ['namespace-controller', 'garbage-collector-controller'],
      serve: async (cluster) => {
        const folder = join(cluster.folder, 'replay');
        await mkdir(folder);
        log = await ReplayLog.write(folder, LOG_BYTES);
        await fill(cluster, 'doomed');
        return ['--audit-log', log.path];
      },
    });
    const direct = await at.direct();
    const ask = ['get', '--raw', `${API_PATH}/namespaces/default/activities?limit=1`];
    const deleted = deleteNamespace(at.cluster, 'doomed').then(async (deletion) => ({
      deletion,
      bytesBehindAfterDeletion: await behind(direct, log.path),
    }));
    const [samples, answer] = await Promise.all([
      watchReplay(at, log.path),
      at.cluster.kubectl(ask),
      keepBehind(direct, log, deleted),
    ]);
    replay = { samples, answer, ...(await deleted) };
  });
  after(async () => at?.stop());

  it('our server is available within 10 s of its start', () => {
    assert.ok(at.availableAfterMs < 10_000, `${at.availableAfterMs} ms`);
  });

  it('it stays available', () => {
    const { samples } = replay;
    assert.ok(samples.length >= 10, `${samples.length} samples`);
    const unavailable = samples.filter(({ availability }) => !availability.available);
    assert.deepEqual(unavailable, []);
    // kube-apiserver asks us for our documents once it has found us available: until then it has none.
    const isCurrent = samples.map(({ freshness }) => freshness === 'Current');
    assert.ok(isCurrent.includes(true) && !isCurrent.slice(isCurrent.indexOf(true)).includes(false));
  });

  it('discovery answers in well under a second', (t) => {
    const answers = replay.samples.flatMap(({ discovery }) => discovery);
    t.diagnostic(
      `the slowest of ${answers.length}: ${Math.max(...answers.map(({ ms }) => ms)).toFixed()} ms`,
    );
    const slow = answers.filter(({ status, ms }) => status !== 200 || ms > DISCOVERY_MS_MAX);
    assert.deepEqual(slow, []);
  });

  it('data routes answer from what is there, and say how far behind they are', () => {
    const said = replay.samples.map(({ data }) => {
      assert.equal(data.status, 200);
      return data.bytesBehindSaid ?? assert.fail('no Warning: still reading');
    });
    assert.ok(Math.min(...said) > 0);
    assert.ok((said.at(-1) ?? 0) < (said[0] ?? 0), `${said[0]} bytes at first, ${said.at(-1)} at last`);
    const { exitCode, stderr } = replay.answer;
    assert.equal(exitCode, 0);
    assert.match(
      stderr,
      /^Warning: still reading: [0-9]{6,} bytes of the audit logs are not in this answer yet$/m,
      'kubectl prints it',
    );
  });

  it('a namespace is deleted meanwhile', (t) => {
    t.diagnostic(`${replay.bytesBehindAfterDeletion} bytes were left to read when it was gone`);
    assert.equal(replay.deletion.exitCode, 0, replay.deletion.stderr);
    assert.ok(replay.bytesBehindAfterDeletion > 0, 'the log was still being read when it was gone');
  });

  it('afterwards, too: namespaces are deleted, owners take with them what they own', async () => {
    const { cluster } = at;
    await fill(cluster, 'doomed-later');
    const words = ['delete', 'configmap', 'owner', '-n', 'doomed-later', '--cascade=foreground', '--wait'];
    await printed(cluster, words, { timeoutMs: DELETED_MS_MAX });
    const left = await printedJson(cluster, ['get', 'configmaps', '-n', 'doomed-later', '-o', 'json']);
    assert.deepEqual(membersOf(itemsOf(left), 'metadata', 'name'), []);
    const { exitCode, stderr } = await deleteNamespace(cluster, 'doomed-later');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await at.apiService.availability(), {
      available: true,
      reason: 'Passed',
      message: 'all checks passed',
    });
  });

  it('no controller ever had reason to complain about our group', async () => {
    const statuses = await discoveryFailures(at.cluster.auditLogPath);
    assert.deepEqual([...new Set(statuses)], ['False']);
    for (const program of ['kube-apiserver', 'kube-controller-manager'] as const) {
      assert.deepEqual(await at.complaintsOfUs(program), [], program);
    }
    assert.doesNotMatch(at.server.log, /"level":(?:50|60)/);
  });

  it('all this would be seen: without our server a deletion is held up until it is back', async () => {
    const { cluster } = at;
    await fill(cluster, 'held-up');
    await at.server.kill();
    // Registered anew, it has no documents that kube-apiserver could go on with for a minute.
    await at.apiService.remove();
    await cluster.installApiService({ port: at.port });
    const deletion = deleteNamespace(cluster, 'held-up');
    await waitUntil('the deletion is held up', DELETED_MS_MAX, async () => {
      return (await discoveryFailures(cluster.auditLogPath)).includes('True');
    });
    assert.notDeepEqual(await at.complaintsOfUs('kube-controller-manager'), []);
    await at.startServer();
    await at.apiService.waitAvailable(DELETED_MS_MAX);
    const { exitCode, stderr } = await deletion;
    assert.equal(exitCode, 0, stderr);
  });
});

/** A namespace with something in it: an owner and what it owns. */
async function fill(cluster: Cluster, name: string): Promise<void> {
  const { client } = cluster.unaudited;
  await cluster.apply(namespace(name));
  const owner = await client.expect({
    method: 'POST',
    path: `/api/v1/namespaces/${name}/configmaps`,
    body: { metadata: { name: 'owner' } },
  });
  const uid = pick(owner, 'metadata', 'uid');
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true },
  ];
  const body = { metadata: { name: 'owned', ownerReferences } };
  await client.expect({ method: 'POST', path: `/api/v1/namespaces/${name}/configmaps`, body });
}

async function deleteNamespace(cluster: Cluster, name: string): Promise<CommandResult> {
  return cluster.kubectl(['delete', 'namespace', name, '--wait'], { timeoutMs: DELETED_MS_MAX });
}

/** What the namespace controller wrote about discovery into the status of each namespace it deleted: whether it failed. */
async function discoveryFailures(auditLogPath: string): Promise<readonly JsonValue[]> {
  const lines = (await readFile(auditLogPath, 'utf8')).split('\n');
  return lines
    .filter((line) => line.includes('"NamespaceDeletionDiscoveryFailure"'))
    .map((line) => pick(parsed(line), 'requestObject', 'status', 'conditions'))
    .filter(isArray)
    .map(
      (conditions) =>
        pick(itemWith(conditions, 'type', 'NamespaceDeletionDiscoveryFailure'), 'status') ?? null,
    );
}
