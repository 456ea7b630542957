/**
 * A real kube-apiserver and our server behind it: the commands of the project's first README answer as they stand there, and
 * what may not be answered is refused in words that kubectl prints.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonValue } from '../../src/model/json.ts';
import type { Identity } from './cluster/identities.ts';
import { complaint, printedByShell } from './testing/kubectl.ts';
import { itemsOf, membersOf, parsed, pick } from './testing/pick.ts';
import { API_PATH, ProvenanceCluster } from './testing/provenance-cluster.ts';
import { GROUP, HISTORY, tellTestobj } from './testing/testobj.ts';

const TESTOBJ = '/apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj';
const ABC = 'spec.template.metadata.labels.abc';

describe('Our server behind kube-apiserver', () => {
  let at: ProvenanceCluster;
  let alice: Identity;
  let bob: Identity;
  let carol: Identity;
  let created: JsonValue;
  let changed: JsonValue;

  before(async () => {
    at = await ProvenanceCluster.start();
    ({ alice, bob, carol, created, changed } = await tellTestobj(at));
  });
  after(async () => at?.stop());

  it('is available within 10 s of the start of our process', () => {
    assert.ok(at.availableAfterMs < 10_000, `${at.availableAfterMs} ms`);
  });

  describe('the commands of the first README', () => {
    it('versions: who made each, when and by what', async () => {
      const answer = parsed(
        await printedByShell(
          'kubectl get --raw /apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj/versions',
          alice,
        ),
      );
      assert.equal(pick(answer, 'kind'), 'VersionList');
      assert.deepEqual(pick(answer, 'object'), {
        group: 'apps',
        resource: 'deployments',
        namespace: 'default',
        name: 'testobj',
      });
      const items = itemsOf(answer);
      assert.deepEqual(membersOf(items, 'version'), ['v1', 'v2']);
      assert.deepEqual(membersOf(items, 'user'), ['alice', 'bob']);
      assert.deepEqual(membersOf(items, 'operation'), ['create', 'patch']);
      assert.deepEqual(membersOf(items, 'changed'), [null, ['spec.replicas', ABC]]);
      assert.deepEqual(membersOf(items, 'fidelity'), ['exact', 'exact']);
      for (const key of ['uid', 'resourceVersion']) {
        assert.deepEqual(membersOf(items, key), membersOf([created, changed], 'metadata', key), key);
      }
      assert.deepEqual(membersOf(items, 'generation'), [1, 2]);
    });

    it('spechistory: the spec as the cluster had it', async () => {
      const answer = parsed(
        await printedByShell(
          'kubectl get --raw /apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj/spechistory',
          alice,
        ),
      );
      const items = itemsOf(answer);
      assert.deepEqual(membersOf(items, 'version'), ['v1', 'v2']);
      assert.deepEqual(membersOf(items, 'spec'), membersOf([created, changed], 'spec'));
    });

    it('diff between two versions, also without the quotes that the README forgot', async () => {
      const quoted = `kubectl get --raw "${TESTOBJ}/diff?start=v1&end=v2"`;
      const answer = parsed(await printedByShell(quoted, alice));
      assert.deepEqual([pick(answer, 'start', 'user'), pick(answer, 'end', 'user')], ['alice', 'bob']);
      assert.deepEqual(pick(answer, 'changes'), [
        { path: 'spec.replicas', operation: 'replace', from: 1, to: 3 },
        { path: ABC, operation: 'replace', from: 'xyz', to: 'def' },
      ]);
      // A shell takes what is behind the & for a command of its own: the end is the newest version, which v2 is.
      const unquoted =
        'kubectl get --raw /apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj/diff?start=v1&end=v2';
      assert.deepEqual(parsed(await printedByShell(unquoted, alice)), answer);
    });

    it('diff of a field', async () => {
      const answer = parsed(
        await printedByShell(
          'kubectl get --raw "/apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj/diff?start=v1&end=v2&field=abc"',
          alice,
        ),
      );
      assert.deepEqual(pick(answer, 'changes'), [
        { path: ABC, operation: 'replace', from: 'xyz', to: 'def' },
      ]);
      assert.deepEqual(pick(answer, 'values'), [{ path: ABC, from: 'xyz', to: 'def' }]);
    });

    it('bisect: in which version a field was given a value, or several fields were', async () => {
      const answer = parsed(
        await printedByShell(
          'kubectl get --raw "/apis/kubeprovenance.cloudark.io/v1/namespaces/default/deployments/testobj/bisect?field=abc&value=def"',
          alice,
        ),
      );
      assert.deepEqual([pick(answer, 'version'), pick(answer, 'user')], ['v2', 'bob']);
      const pairs = 'field1=abc&value1=def&field2=replicas&value2=';
      const both = await at.answer(`namespaces/default/deployments/testobj/bisect?${pairs}3`, alice);
      assert.equal(pick(both, 'version'), 'v2');
      const never = await at.answer(`namespaces/default/deployments/testobj/bisect?${pairs}4`, alice);
      assert.equal(pick(never, 'version'), null);
    });
  });

  it('auth can-i and access reviews know our resources', async () => {
    const canI = async (as: Identity, ...words: readonly string[]): Promise<string> => {
      const { stdout } = await at.cluster.kubectl(['auth', 'can-i', ...words], { as });
      return stdout.trim();
    };
    assert.equal(await canI(bob, 'list', `objecthistories.${GROUP}`), 'yes');
    assert.equal(await canI(bob, 'list', `objecthistories.${GROUP}`, '--namespace=kube-system'), 'no');
    assert.equal(await canI(carol, 'list', `objecthistories.${GROUP}`), 'no');
    // Of a plural that is not ours can-i does not find the group (kubectl pkg/cmd/auth/cani.go, resourceFor): it is asked for
    // as can-i would.
    const mayAsk = async (as: Identity, namespace: string): Promise<JsonValue | undefined> => {
      const resourceAttributes = {
        group: GROUP,
        resource: 'deployments',
        subresource: 'versions',
        name: 'testobj',
      };
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { ...resourceAttributes, verb: 'get', namespace } },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      return pick(await as.client.expect({ method: 'POST', path, body }), 'status', 'allowed');
    };
    assert.equal(await mayAsk(alice, 'default'), true);
    assert.equal(await mayAsk(alice, 'kube-system'), false);
    assert.equal(await mayAsk(carol, 'default'), false);
  });

  it('what cannot be answered is told in words, by kubectl itself', async () => {
    const raw = (path: string, as: Identity): Promise<string> =>
      complaint(at.cluster, ['get', '--raw', `${API_PATH}/namespaces/default/${path}`], { as });
    assert.equal(
      await raw('deployments/nosuch/versions', alice),
      'Error from server (NotFound): no version of deployments.apps "nosuch" in namespace "default" is recorded: check its name and namespace',
    );
    assert.match(
      await raw('deployments/testobj/diff?start=v9', alice),
      /^Error from server \(NotFound\): start "v9" is unknown: .* has versions v1 to v2$/,
    );
    assert.match(
      await raw('deployments/testobj/bisect?field=abc', alice),
      /^Error from server \(BadRequest\): .*value/,
    );
    const forbidden = `Error from server (Forbidden): deployments.${GROUP} "testobj" is forbidden: User "carol" cannot get resource "deployments/versions" in API group "${GROUP}" in the namespace "default"`;
    assert.equal(await raw('deployments/testobj/versions', carol), forbidden);
    // Also where there is nothing: a refusal tells no one what exists.
    assert.equal(
      await raw('deployments/nosuch/versions', carol),
      forbidden.replaceAll('"testobj"', '"nosuch"'),
    );
    assert.match(
      await complaint(at.cluster, ['get', 'objecthistories', 'deployments.apps:nosuch'], { as: alice }),
      /^Error from server \(NotFound\): /,
    );
    assert.match(
      await complaint(at.cluster, ['get', 'objecthistories'], { as: carol }),
      /^Error from server \(Forbidden\): .*objecthistories/,
    );
  });

  it('nothing can be changed or watched', async () => {
    const asMaster = (...words: readonly string[]): Promise<string> => complaint(at.cluster, words);
    const refused = /^Error from server \(MethodNotAllowed\): /;
    assert.match(await asMaster('delete', 'objecthistory', HISTORY), refused);
    assert.match(await asMaster('label', 'objecthistory', HISTORY, 'a=b'), refused);
    assert.match(await asMaster('get', 'objecthistories', '--watch-only'), refused);
  });
});
