/**
 * What kubectl does with any resource it does with ours: behind a real kube-apiserver, in the name of developers who may read
 * Deployments in one namespace.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonValue } from '../../src/model/json.ts';
import type { Identity } from './cluster/identities.ts';
import { printed, printedJson, rowsOf } from './testing/kubectl.ts';
import { itemsOf, membersOf, parsed, pick } from './testing/pick.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';
import { GROUP, HISTORY, tellTestobj } from './testing/testobj.ts';

const TESTOBJ = `${API_PATH}/namespaces/default/deployments/testobj`;

describe('kubectl and our resources', () => {
  let at: ProvenanceCluster;
  let alice: Identity;
  let bob: Identity;
  let created: JsonValue;

  before(async () => {
    at = await ProvenanceCluster.start();
    ({ alice, bob, created } = await tellTestobj(at));
  });
  after(async () => at?.stop());

  it('api-resources lists ours and takes nothing of them for another', async () => {
    const ours = rowsOf(
      await printed(at.cluster, ['api-resources', `--api-group=${GROUP}`, '-o', 'wide', '--no-headers']),
    );
    assert.deepEqual(ours, [
      ['activities', `${GROUP}/v1`, 'true', 'Activity', 'list'],
      ['objecthistories', `${GROUP}/v1`, 'true', 'ObjectHistory', 'get,list'],
      ['rollouts', `${GROUP}/v1`, 'true', 'Rollout', 'list'],
      ['sources', `${GROUP}/v1`, 'false', 'Source', 'list'],
    ]);
    const all = (await printed(at.cluster, ['api-resources', '-o', 'name'])).split('\n');
    assert.deepEqual(
      all.filter((name) => name.startsWith('deployments')),
      ['deployments.apps'],
    );
  });

  it('deployments still means those of apps', async () => {
    const words = ['get', 'deployments', '-o', 'jsonpath={.items[*].apiVersion} {.items[*].metadata.name}'];
    assert.equal(await printed(at.cluster, words, { as: alice }), 'apps/v1 testobj');
    const uid = await printed(at.cluster, ['get', 'deploy/testobj', '-o', 'jsonpath={.metadata.uid}']);
    assert.equal(uid, pick(created, 'metadata', 'uid'));
  });

  it('get objecthistories: as a table, wide, by name, as JSON, YAML and names', async () => {
    const [header, ...rows] = rowsOf(await printed(at.cluster, ['get', 'objecthistories'], { as: alice }));
    assert.deepEqual(header, ['NAME', 'VERSIONS', 'LAST CHANGE', 'BY', 'FIDELITY']);
    // Of all that is in the namespace, she may read Deployments only.
    const versions = itemsOf(await at.answer('namespaces/default/deployments/testobj/versions', alice));
    assert.deepEqual(rows, [[HISTORY, '2', pick(versions, 1, 'timestamp'), 'bob', 'exact']]);

    const wide = rowsOf(
      await printed(at.cluster, ['get', 'objecthistory', HISTORY, '-o', 'wide'], { as: alice }),
    );
    assert.deepEqual(wide[0]?.slice(5), ['OPERATION', 'RESOURCE', 'GROUP', 'UID']);
    const uid = pick(created, 'metadata', 'uid');
    assert.deepEqual(wide[1]?.slice(5), ['patch', 'deployments', 'apps', uid]);

    const json = ['get', 'objecthistories', HISTORY, '-o', 'json'];
    const item = await printedJson(at.cluster, json, { as: alice });
    assert.equal(pick(item, 'metadata', 'uid'), uid);
    assert.equal(pick(item, 'metadata', 'creationTimestamp'), pick(created, 'metadata', 'creationTimestamp'));
    assert.deepEqual([pick(item, 'firstSeen', 'user'), pick(item, 'lastChange', 'user')], ['alice', 'bob']);
    const yaml = await printed(at.cluster, ['get', 'objecthistories', HISTORY, '-o', 'yaml'], { as: alice });
    assert.match(yaml, /^kind: ObjectHistory$/m);
    assert.match(yaml, /^versions: 2$/m);

    const names = await printed(at.cluster, ['get', 'objecthistories', '-o', 'name'], { as: alice });
    assert.equal(names, `objecthistory.${GROUP}/${HISTORY}\n`);
  });

  it('get objecthistories in all namespaces, whole and page by page', async () => {
    const [header = [], ...rows] = rowsOf(await printed(at.cluster, ['get', 'objecthistories', '-A']));
    assert.deepEqual(header.slice(0, 2), ['NAMESPACE', 'NAME']);
    assert.ok(rows.some(([namespace, name]) => namespace === 'default' && name === HISTORY));
    assert.ok(
      rows.some(([, name]) => name === 'namespaces:kube-system'),
      'cluster-scoped objects, too',
    );
    const names = (size: number): Promise<string> =>
      printed(at.cluster, ['get', 'objecthistories', '-A', '-o', 'name', `--chunk-size=${size}`]);
    const whole = await names(0);
    assert.ok(whole.split('\n').length > 100);
    assert.equal(await names(30), whole);
  });

  it('get activities, rollouts and sources', async () => {
    const [header, ...rows] = rowsOf(await printed(at.cluster, ['get', 'activities'], { as: bob }));
    assert.deepEqual(header, ['TIME', 'USER', 'VERB', 'OBJECT', 'CODE', 'VERSION']);
    const object = 'deployments.apps default/testobj';
    assert.deepEqual(
      rows.map((cells) => cells.slice(1)),
      [
        ['bob', 'patch', object, '200', 'v2'],
        ['alice', 'create', object, '201', 'v1'],
      ],
    );
    const rollouts = rowsOf(await printed(at.cluster, ['get', 'rollouts', '--no-headers'], { as: bob }));
    assert.deepEqual(membersOf(rollouts, 1), ['v2', 'v1']);
    assert.deepEqual(membersOf(rollouts, 3), ['bob', 'alice']);
    const sources = rowsOf(await printed(at.cluster, ['get', 'sources']));
    assert.deepEqual(sources[0], ['NAME', 'EVENTS', 'VERSIONS', 'BEHIND']);
    assert.equal(sources[1]?.[0], at.cluster.auditLogPath);
  });

  it('describe', async () => {
    const text = await printed(at.cluster, ['describe', 'objecthistory', HISTORY]);
    assert.match(text, /^Last Change:\n(?: {2}.*\n)* {2}User: +bob$/m);
  });

  it('explain tells what each field is', async () => {
    const histories = await printed(at.cluster, ['explain', 'objecthistories'], { as: alice });
    assert.match(histories, /^GROUP: +kubeprovenance\.cloudark\.io\nKIND: +ObjectHistory\nVERSION: +v1$/m);
    assert.match(histories, /^ {2}lastChange\t<ObjectChange> -required-\n {4}The write that made /m);
    assert.match(histories, /^ {2}versions\t<integer> -required-\n {4}How many versions /m);
    const nested = await printed(at.cluster, ['explain', 'objecthistories.lastChange.user']);
    assert.match(nested, /FIELD: user <string>[^]*The effective user/);
    const activities = await printed(at.cluster, ['explain', 'activities'], { as: alice });
    assert.match(activities, /^KIND: +Activity$/m);
    assert.match(activities, /^ {2}auditID\t<string> -required-\n {4}The audit ID /m);
  });

  it('whoever writes reads what they have written, and is not warned of the event of their own question', async () => {
    for (let written = 1; written <= 10; written += 1) {
      await printed(at.cluster, ['create', 'configmap', `written-${written}`, '--from-literal=a=1']);
      const path = `${API_PATH}/namespaces/default/configmaps/written-${written}/versions`;
      const { exitCode, stderr } = await at.cluster.kubectl(['get', '--raw', path]);
      assert.deepEqual([exitCode, stderr], [0, '']);
    }
  });

  it('proxy, and any client behind it', async () => {
    const url = await at.cluster.kubectlProxy(alice);
    const response = await fetch(`${url}${TESTOBJ}/versions`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.deepEqual(membersOf(itemsOf(parsed(await response.text())), 'user'), ['alice', 'bob']);
    const text = await fetch(`${url}${TESTOBJ}/diff?start=v1&end=v2&output=text`);
    assert.match(await text.text(), /^@ spec\.replicas @\n- 1\n\+ 3$/m);
  });
});
