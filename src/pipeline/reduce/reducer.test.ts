import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../model/json.ts';
import { objectKey } from '../../model/object-key.ts';
import { PlainStore } from '../../model/store/plain-store.ts';
import type { Version } from '../../model/version.ts';
import { rawEvent, storedDeployment } from '../../testing/events.ts';
import { checkProperty } from '../../testing/property.ts';
import { decodeEvents } from '../decode.ts';
import { Tally } from '../tally.ts';
import { Reducer } from './reducer.ts';

const WEB = objectKey('apps', 'deployments', 'shop', 'web');

function reduce(raws: readonly JsonObject[]): { store: PlainStore; tally: Tally } {
  const store = new PlainStore();
  const reducer = new Reducer(store);
  const tally = new Tally();
  for (const decoded of raws.flatMap(decodeEvents)) {
    assert.ok(typeof decoded === 'object', `${JSON.stringify(decoded)} is an event`);
    reducer.reduce(decoded, tally);
  }
  reducer.flush();
  return { store, tally };
}

function versionsOf(raws: readonly JsonObject[], key = WEB): readonly Version[] {
  return reduce(raws).store.history(key)?.versions ?? [];
}

/** What most tests look at: operation, user, fidelity, and the replicas or what stands for them. */
function brief(versions: readonly Version[]): string[] {
  return versions.map(({ operation, actor, fidelity, content, deleted, created }) => {
    const spec = content?.['spec'];
    const shown = deleted ? 'gone' : JSON.stringify(spec ?? content ?? null);
    return `${operation} by ${actor.user}, ${fidelity}: ${shown}${created ? ' (new)' : ''}`;
  });
}

const create = (replicas = 1): JsonObject =>
  rawEvent({ verb: 'create', atSeconds: 1, code: 201, fields: storedDeployment(1, { replicas }) });

function update(atSeconds: number, replicas: number, user = 'bob', metadata: JsonObject = {}): JsonObject {
  return rawEvent({
    verb: 'update',
    atSeconds,
    user,
    fields: storedDeployment(atSeconds, { replicas }, metadata),
  });
}

describe('Reducer at RequestResponse', () => {
  it('makes a version of every write that changes the content', () => {
    assert.deepEqual(brief(versionsOf([create(), update(2, 3), update(3, 3), update(4, 1, 'carol')])), [
      'create by alice, exact: {"replicas":1} (new)',
      'update by bob, exact: {"replicas":3}',
      'update by carol, exact: {"replicas":1}',
    ]);
  });

  it('leaves out what the server owns, and bookkeeping', () => {
    const annotations = { 'deployment.kubernetes.io/revision': '2', note: 'kept' };
    const metadata = { annotations, labels: {}, selfLink: '/x' };
    const [version] = versionsOf([update(2, 1, 'bob', metadata)]);
    assert.deepEqual(version?.content, {
      metadata: { annotations: { note: 'kept' } },
      spec: { replicas: 1 },
    });
    assert.deepEqual([version?.uid, version?.resourceVersion, version?.generation], ['uid-1', '2', 2]);
  });

  it('counts a change of labels only as a version', () => {
    const versions = versionsOf([create(), update(2, 1, 'bob', { labels: { tier: 'front' } })]);
    assert.equal(versions.length, 2);
    assert.deepEqual(versions[1]?.content?.['metadata'], { labels: { tier: 'front' } });
  });

  it('shares the parts that did not change between versions', () => {
    const spec = { replicas: 1, template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } } };
    const scaled = JSON.parse(JSON.stringify({ ...spec, replicas: 2 }));
    const [first, second] = versionsOf([
      rawEvent({ verb: 'create', atSeconds: 1, fields: storedDeployment(1, spec) }),
      rawEvent({ verb: 'update', atSeconds: 2, fields: storedDeployment(2, scaled) }),
    ]);
    const template = (version: Version | undefined): unknown =>
      Object.entries(version?.content?.['spec'] ?? {}).find(([key]) => key === 'template')?.[1];
    assert.ok(template(first) !== undefined && template(first) === template(second));
  });

  it('names the drop of each event that makes no version', () => {
    const events = [
      create(),
      update(2, 1),
      rawEvent({ verb: 'get', atSeconds: 3 }),
      rawEvent({ atSeconds: 4, code: 409 }),
      rawEvent({
        atSeconds: 5,
        query: '?dryRun=All&fieldManager=x',
        fields: storedDeployment(9, { replicas: 9 }),
      }),
      rawEvent({ atSeconds: 6, fields: { stage: 'RequestReceived' } }),
      rawEvent({ atSeconds: 7, subresource: 'status', fields: storedDeployment(10, { replicas: 9 }) }),
      rawEvent({ atSeconds: 8, objectRef: { resource: 'leases', apiGroup: 'coordination.k8s.io' } }),
      rawEvent({ verb: 'create', atSeconds: 9, subresource: 'exec' }),
      rawEvent({
        verb: 'create',
        atSeconds: 10,
        objectRef: { resource: 'tokenreviews', apiGroup: 'authentication.k8s.io' },
      }),
      { ...rawEvent({ verb: 'post', atSeconds: 11 }), objectRef: null },
      rawEvent({ verb: 'create', atSeconds: 12, objectRef: { name: '' } }),
      rawEvent({ verb: 'update', atSeconds: 13, subresource: 'unheard-of' }),
      rawEvent({
        verb: 'delete',
        atSeconds: 14,
        fields: { requestObject: { kind: 'DeleteOptions', dryRun: ['All'] } },
      }),
    ];
    const { store, tally } = reduce(events);
    assert.equal(store.history(WEB)?.versions.length, 1);
    assert.equal(tally.events, events.length);
    assert.equal(tally.versions, 1);
    assert.deepEqual(tally.dropped, {
      'no-op': 1,
      read: 1,
      failed: 1,
      'dry-run': 2,
      stage: 1,
      'status-only': 1,
      policy: 1,
      connect: 1,
      'not-stored': 1,
      'non-resource': 1,
      'no-name': 1,
      subresource: 1,
    });
  });

  it('takes the name from the answer where the server made it', () => {
    const event = rawEvent({ verb: 'create', objectRef: { name: '' }, fields: storedDeployment(1, {}) });
    assert.equal(versionsOf([event]).length, 1);
  });

  it('keeps the effective user and who impersonated it', () => {
    const raw = { ...create(), impersonatedUser: { username: 'deployer' } };
    assert.deepEqual(versionsOf([raw])[0]?.actor, {
      user: 'deployer',
      impersonatedBy: 'alice',
      userAgent: 'kubectl/v1.34.4',
      sourceIPs: ['192.0.2.7'],
    });
  });

  it('calls a patch whose body names its type an apply', () => {
    const body = { requestObject: { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2 } } };
    const applied = rawEvent({
      query: '?fieldManager=ci',
      verb: 'patch',
      atSeconds: 2,
      fields: { ...storedDeployment(2, { replicas: 2 }), ...body },
    });
    assert.deepEqual(
      versionsOf([create(), applied]).map(({ operation }) => operation),
      ['create', 'apply'],
    );
  });

  it('folds a scale into its object', () => {
    const scale = (atSeconds: number, spec: JsonObject): JsonObject =>
      rawEvent({
        verb: 'patch',
        atSeconds,
        user: 'ops',
        subresource: 'scale',
        fields: {
          responseObject: {
            kind: 'Scale',
            metadata: { uid: 'uid-1', resourceVersion: String(atSeconds) },
            spec,
          },
        },
      });
    assert.deepEqual(brief(versionsOf([create(), scale(2, { replicas: 5 }), scale(3, {}), update(4, 0)])), [
      'create by alice, exact: {"replicas":1} (new)',
      'scale by ops, derived: {"replicas":5}',
      'scale by ops, derived: {"replicas":0}',
    ]);
  });
});

describe('Reducer on deletions', () => {
  const status = { responseObject: { kind: 'Status', metadata: {}, status: 'Success' } };

  it('makes a tombstone, and goes on counting when the object is created again', () => {
    const again = rawEvent({
      verb: 'create',
      atSeconds: 5,
      user: 'gitops',
      fields: storedDeployment(9, { replicas: 1 }, { uid: 'uid-2' }),
    });
    const versions = versionsOf([
      create(),
      rawEvent({ verb: 'delete', atSeconds: 3, user: 'mallory', fields: status }),
      again,
    ]);
    assert.deepEqual(brief(versions), [
      'create by alice, exact: {"replicas":1} (new)',
      'delete by mallory, exact: gone',
      'create by gitops, exact: {"replicas":1} (new)',
    ]);
    assert.deepEqual(
      versions.map(({ uid }) => uid),
      ['uid-1', 'uid-1', 'uid-2'],
    );
  });

  it('blames who asked for a deletion, and names who finished it', () => {
    const held = {
      deletionTimestamp: '2026-11-16T09:00:03Z',
      deletionGracePeriodSeconds: 0,
      finalizers: ['x/y'],
    };
    const versions = versionsOf([
      update(1, 1, 'alice', { finalizers: ['x/y'] }),
      rawEvent({
        verb: 'delete',
        atSeconds: 3,
        user: 'mallory',
        fields: storedDeployment(3, { replicas: 1 }, held),
      }),
      update(4, 1, 'x-controller', { ...held, finalizers: [] }),
    ]);
    assert.deepEqual(brief(versions), [
      'update by alice, exact: {"replicas":1} (new)',
      'delete by mallory, exact: gone',
    ]);
    assert.deepEqual(versions[1]?.completedBy, { user: 'x-controller', auditID: 'audit-4' });
    assert.equal(versions[1]?.resourceVersion, '', 'that of the deletion is not told');
    assert.equal(versions[1].auditID, 'audit-3');
  });

  it('counts the request of a deletion that is held', () => {
    const held = { deletionTimestamp: '2026-11-16T09:00:03Z', finalizers: ['x/y'] };
    const { store, tally } = reduce([
      update(1, 1, 'alice', { finalizers: ['x/y'] }),
      rawEvent({ verb: 'delete', atSeconds: 3, fields: storedDeployment(3, { replicas: 1 }, held) }),
    ]);
    assert.equal(store.history(WEB)?.versions.length, 1);
    assert.deepEqual(tally.dropped, { 'deletion-pending': 1 });
  });

  it('ends a pod with its grace period, by whom it was asked for', () => {
    const pod = (
      verb: string,
      atSeconds: number,
      user: string,
      metadata: JsonObject,
      code = 200,
    ): JsonObject =>
      rawEvent({
        verb,
        atSeconds,
        user,
        code,
        objectRef: { resource: 'pods', apiGroup: '' },
        fields: {
          responseObject: {
            kind: 'Pod',
            apiVersion: 'v1',
            metadata: {
              name: 'web',
              namespace: 'shop',
              uid: 'p',
              resourceVersion: String(atSeconds),
              ...metadata,
            },
            spec: {},
          },
        },
      });
    const going = { deletionTimestamp: '2026-11-16T09:00:33Z' };
    const versions = versionsOf(
      [
        pod('create', 1, 'replicaset-controller', {}),
        pod('delete', 2, 'mallory', { ...going, deletionGracePeriodSeconds: 30 }),
        pod('delete', 3, 'system:node:n1', { ...going, deletionGracePeriodSeconds: 0 }),
        pod('delete', 4, 'system:node:n1', {}, 404),
      ],
      objectKey('', 'pods', 'shop', 'web'),
    );
    assert.deepEqual(brief(versions), [
      'create by replicaset-controller, exact: {} (new)',
      'delete by mallory, exact: gone',
    ]);
    assert.equal(versions[1]?.completedBy?.user, 'system:node:n1');
  });

  it('takes a deleted collection apart', () => {
    const { responseObject } = storedDeployment(2, { replicas: 1 });
    const { kind: _kind, apiVersion: _apiVersion, ...item } = responseObject;
    const list = { kind: 'DeploymentList', apiVersion: 'apps/v1', metadata: {}, items: [item] };
    const event = rawEvent({
      verb: 'deletecollection',
      atSeconds: 3,
      user: 'mallory',
      objectRef: { name: '' },
      fields: { responseObject: list },
    });
    assert.deepEqual(brief(versionsOf([create(), event])).at(-1), 'delete by mallory, exact: gone');
  });

  it('makes the first version of an object older than the log from its deletion', () => {
    assert.deepEqual(brief(versionsOf([rawEvent({ verb: 'delete', fields: status })])), [
      'delete by alice, exact: gone',
    ]);
  });
});

describe('Reducer on whose deletion it is', () => {
  const pod = { resource: 'pods', apiGroup: '' };
  const POD = objectKey('', 'pods', 'shop', 'web');
  const stored = (
    uid: string,
    resourceVersion: number,
    metadata: JsonObject = {},
  ): { responseObject: JsonObject } => ({
    responseObject: {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: {
        name: 'web',
        namespace: 'shop',
        uid,
        resourceVersion: String(resourceVersion),
        ...metadata,
      },
      spec: {},
    },
  });
  const going = { deletionTimestamp: '2026-11-16T09:00:33Z', deletionGracePeriodSeconds: 30 };
  const gone = { ...going, deletionGracePeriodSeconds: 0 };

  it('takes an eviction that was a dry run for one', () => {
    const eviction = { kind: 'Eviction', apiVersion: 'policy/v1', deleteOptions: { dryRun: ['All'] } };
    const events = [
      rawEvent({ verb: 'create', atSeconds: 1, objectRef: pod, fields: stored('p1', 1) }),
      rawEvent({
        verb: 'create',
        atSeconds: 2,
        user: 'drainer',
        subresource: 'eviction',
        objectRef: pod,
        fields: { requestObject: eviction },
      }),
      rawEvent({
        verb: 'delete',
        atSeconds: 3,
        user: 'mallory',
        objectRef: pod,
        fields: stored('p1', 3, going),
      }),
      rawEvent({
        verb: 'delete',
        atSeconds: 4,
        user: 'kubelet',
        objectRef: pod,
        fields: stored('p1', 4, gone),
      }),
    ];
    assert.deepEqual(brief(versionsOf(events, POD)).at(-1), 'delete by mallory, exact: gone');
    assert.equal(reduce(events).tally.dropped['dry-run'], 1);
  });

  it('does not blame who deleted the one before, whose end was not recorded', () => {
    const versions = versionsOf(
      [
        rawEvent({ verb: 'create', atSeconds: 1, objectRef: pod, fields: stored('p1', 1) }),
        rawEvent({
          verb: 'delete',
          atSeconds: 2,
          user: 'alice',
          objectRef: pod,
          fields: stored('p1', 2, going),
        }),
        rawEvent({
          verb: 'delete',
          atSeconds: 9,
          user: 'mallory',
          objectRef: pod,
          fields: stored('p2', 9, gone),
        }),
      ],
      POD,
    );
    assert.deepEqual([versions.at(-1)?.actor.user, versions.at(-1)?.completedBy], ['mallory', undefined]);
  });

  it('blames who evicted a pod that was never seen before', () => {
    const [version] = versionsOf(
      [
        rawEvent({ verb: 'create', atSeconds: 1, user: 'drainer', subresource: 'eviction', objectRef: pod }),
        rawEvent({
          verb: 'delete',
          atSeconds: 2,
          user: 'kubelet',
          objectRef: pod,
          fields: stored('p1', 2, gone),
        }),
      ],
      POD,
    );
    assert.deepEqual([version?.actor.user, version?.completedBy?.user], ['drainer', 'kubelet']);
  });

  it('makes a tombstone of another uid although the last one known is gone', () => {
    const versions = versionsOf(
      [
        rawEvent({
          verb: 'delete',
          atSeconds: 1,
          user: 'alice',
          objectRef: pod,
          fields: stored('p1', 1, gone),
        }),
        rawEvent({
          verb: 'delete',
          atSeconds: 2,
          user: 'bob',
          objectRef: pod,
          fields: stored('p2', 2, gone),
        }),
      ],
      POD,
    );
    assert.deepEqual(
      versions.map(({ actor, uid }) => `${actor.user} ${uid}`),
      ['alice p1', 'bob p2'],
    );
  });

  it('says of a pending deletion who asked for it', () => {
    const { store } = reduce([
      rawEvent({ verb: 'create', atSeconds: 1, objectRef: pod, fields: stored('p1', 1) }),
      rawEvent({
        verb: 'delete',
        atSeconds: 2,
        user: 'alice',
        objectRef: pod,
        fields: stored('p1', 2, going),
      }),
    ]);
    assert.equal(store.history(POD)?.terminating?.actor.user, 'alice');
  });
});

describe('Reducer on what is not known', () => {
  const scale = rawEvent({
    verb: 'patch',
    atSeconds: 1,
    subresource: 'scale',
    fields: {
      responseObject: {
        kind: 'Scale',
        metadata: { uid: 'uid-1', resourceVersion: '1' },
        spec: { replicas: 3 },
      },
    },
  });

  it('tells what was first seen from what was created', () => {
    const flags = (event: JsonObject): unknown[] => {
      const [version] = versionsOf([event]);
      return [version?.created, version?.firstSeen];
    };
    assert.deepEqual(flags(create()), [true, false]);
    assert.deepEqual(flags(rawEvent({ verb: 'patch', code: 201, fields: storedDeployment(1, {}) })), [
      true,
      false,
    ]);
    assert.deepEqual(flags(update(2, 1)), [true, true]);
  });

  it('says that a content is not complete where its base is not known', () => {
    const [scaled, full] = versionsOf([scale, update(2, 3, 'bob', { labels: { tier: 'front' } })]);
    assert.deepEqual([scaled?.fidelity, scaled?.contentComplete], ['partial', false]);
    assert.deepEqual([full?.fidelity, full?.contentComplete], ['exact', true]);
  });

  it('calls a patch with a type in its body an apply only if it has a field manager', () => {
    const fields = {
      ...storedDeployment(2, { replicas: 2 }),
      requestObject: { apiVersion: 'apps/v1', kind: 'Deployment' },
    };
    const operation = (query: string): unknown =>
      versionsOf([create(), rawEvent({ verb: 'patch', atSeconds: 2, query, fields })])[1]?.operation;
    assert.equal(operation(''), 'patch');
    assert.equal(operation('?fieldManager=ci&force=true'), 'apply');
  });
});

describe('Reducer below RequestResponse', () => {
  const custom = { resource: 'postgreses', apiGroup: 'example.com', name: 'db' };
  const DB = objectKey('example.com', 'postgreses', 'shop', 'db');
  const patch = (
    atSeconds: number,
    requestObject: JsonObject | readonly JsonObject[],
    objectRef: JsonObject = {},
  ): JsonObject =>
    rawEvent({ verb: 'patch', atSeconds, objectRef, fields: { level: 'Request', requestObject } });
  const sent = {
    apiVersion: 'example.com/v1',
    kind: 'Postgres',
    metadata: { name: 'db' },
    spec: { users: ['a'], size: 1 },
  };
  const createDb = rawEvent({
    verb: 'create',
    atSeconds: 1,
    objectRef: { ...custom, name: '' },
    fields: { level: 'Request', requestObject: sent },
  });

  it('replays merge patches of custom resources as derived', () => {
    const versions = versionsOf(
      [createDb, patch(2, { spec: { users: ['a', 'b'], size: null } }, custom)],
      DB,
    );
    assert.deepEqual(brief(versions), [
      'create by alice, derived: {"users":["a"],"size":1} (new)',
      'patch by alice, derived: {"users":["a","b"]}',
    ]);
  });

  it('calls what an admission webhook changed partial', () => {
    const mutated = {
      ...patch(2, { spec: { size: 2 } }, custom),
      annotations: {
        'mutation.webhook.admission.k8s.io/round_0_index_0':
          '{"configuration":"c","webhook":"w","mutated":true}',
      },
    };
    assert.equal(versionsOf([createDb, mutated], DB)[1]?.fidelity, 'partial');
  });

  it('calls built-in kinds partial, for their defaults are not in a request', () => {
    const request = rawEvent({
      verb: 'create',
      atSeconds: 1,
      fields: { level: 'Request', requestObject: { spec: { replicas: 1 } } },
    });
    assert.deepEqual(brief(versionsOf([request, patch(2, { spec: { paused: true } })])), [
      'create by alice, partial: {"replicas":1} (new)',
      'patch by alice, partial: {"replicas":1,"paused":true}',
    ]);
  });

  it('does not replay what it cannot: a JSON patch makes a version of unknown content', () => {
    const versions = versionsOf([createDb, patch(2, [{ op: 'remove', path: '/spec/size' }], custom)], DB);
    assert.deepEqual(brief(versions)[1], 'patch by alice, unknown: null');
  });

  it('makes a version of unknown content of each recorded write at Metadata', () => {
    const metadata = { level: 'Metadata' };
    const versions = versionsOf([
      rawEvent({ verb: 'create', atSeconds: 1, fields: metadata }),
      rawEvent({ verb: 'update', atSeconds: 2, user: 'bob', fields: metadata }),
      rawEvent({ verb: 'delete', atSeconds: 3, user: 'carol', fields: metadata }),
    ]);
    assert.deepEqual(brief(versions), [
      'create by alice, unknown: null (new)',
      'update by bob, unknown: null',
      'delete by carol, partial: gone',
    ]);
  });

  it('keeps an object alive whose known finalizer holds its deletion', () => {
    const withFinalizer = { ...sent, metadata: { name: 'db', finalizers: ['x/y'] } };
    const versions = versionsOf(
      [
        rawEvent({
          verb: 'create',
          atSeconds: 1,
          objectRef: custom,
          fields: { level: 'Request', requestObject: withFinalizer },
        }),
        rawEvent({
          verb: 'delete',
          atSeconds: 2,
          user: 'mallory',
          objectRef: custom,
          fields: { level: 'Request' },
        }),
        patch(3, { metadata: { finalizers: null } }, custom),
      ],
      DB,
    );
    assert.deepEqual(brief(versions).at(-1), 'delete by mallory, derived: gone');
    assert.equal(versions[1]?.completedBy?.auditID, 'audit-3');
  });

  it('is not led astray by keys that name the prototype', () => {
    const evil = JSON.parse('{"spec":{"__proto__":{"polluted":true},"constructor":1}}');
    const versions = versionsOf([createDb, patch(2, evil, custom)], DB);
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
    assert.ok(Object.hasOwn(Object(versions[1]?.content?.['spec']), '__proto__'));
  });
});

describe('Reducer on the order of lines', () => {
  it('gives the same versions and counts for every permutation of stored writes', () => {
    const writes = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom('alice', 'bob')), {
      minLength: 1,
      maxLength: 7,
    });
    const shuffled = writes.chain((steps) => {
      const events = steps.map(([replicas, user], index) => update(index + 1, replicas, user));
      return fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }));
    });
    checkProperty(
      fc.property(shuffled, ([inOrder, anyOrder]) => {
        const expected = reduce(inOrder);
        const actual = reduce(anyOrder);
        assert.deepEqual(actual.store.history(WEB)?.versions, expected.store.history(WEB)?.versions);
        assert.deepEqual(actual.tally.dropped, expected.tally.dropped);
        assert.equal(actual.tally.versions, expected.tally.versions);
      }),
    );
  });

  it('gives the same history for every permutation of a whole life', () => {
    const status = { responseObject: { kind: 'Status', status: 'Success', details: { uid: 'uid-1' } } };
    const life = [
      create(),
      update(2, 2),
      update(2.5, 2, 'no-op'),
      rawEvent({ verb: 'update', atSeconds: 9, user: 'slow', fields: storedDeployment(3, { replicas: 7 }) }),
      update(4, 4),
      rawEvent({ verb: 'delete', atSeconds: 5, user: 'mallory', fields: status }),
      rawEvent({
        verb: 'create',
        atSeconds: 10,
        user: 'gitops',
        fields: storedDeployment(20, { replicas: 1 }, { uid: 'uid-2' }),
      }),
    ];
    const expected = versionsOf(life);
    assert.deepEqual(
      expected.map(({ actor, deleted }) => `${actor.user}${deleted ? ' (deleted)' : ''}`),
      ['alice', 'bob', 'slow', 'bob', 'mallory (deleted)', 'gitops'],
    );
    checkProperty(
      fc.property(fc.shuffledSubarray(life, { minLength: life.length }), (anyOrder) => {
        assert.deepEqual(versionsOf(anyOrder), expected);
      }),
    );
  });

  it('goes by resourceVersion where the times say otherwise', () => {
    const late = rawEvent({
      verb: 'update',
      atSeconds: 9,
      user: 'early',
      fields: storedDeployment(2, { replicas: 2 }),
    });
    assert.deepEqual(brief(versionsOf([create(), update(3, 3), late])).slice(1), [
      'update by early, exact: {"replicas":2}',
      'update by bob, exact: {"replicas":3}',
    ]);
  });

  it('takes a line that comes twice once', () => {
    const events = [create(), update(2, 3), update(3, 1)];
    const twice = events.flatMap((event) => [event, event]);
    assert.deepEqual(versionsOf(twice), versionsOf(events));
  });
});

describe('Reducer on actions', () => {
  const verbs = (raws: readonly JsonObject[]): string[] =>
    [...reduce(raws).store.actionsBackwards(undefined)].map(
      ({ verb, subresource, code }) => `${verb} ${subresource} ${code}`,
    );

  it('records mutating and connecting requests and refusals, the newest first', () => {
    const events = [
      create(),
      rawEvent({ verb: 'get', atSeconds: 2 }),
      rawEvent({ verb: 'get', atSeconds: 3, code: 403 }),
      rawEvent({ verb: 'delete', atSeconds: 4, code: 403 }),
      rawEvent({ verb: 'patch', atSeconds: 5, subresource: 'status' }),
      rawEvent({ verb: 'get', atSeconds: 6, subresource: 'exec', code: 101 }),
    ];
    assert.deepEqual(verbs(events), [
      'get exec 101',
      'patch status 200',
      'delete  403',
      'get  403',
      'create  201',
    ]);
  });

  it('records a connection once, as soon as it stands', () => {
    const exec = rawEvent({ verb: 'create', atSeconds: 1, subresource: 'exec', code: 101 });
    const opened = { ...exec, stage: 'ResponseStarted' };
    assert.deepEqual(verbs([opened]), ['create exec 101']);
    assert.deepEqual(verbs([opened, exec]), ['create exec 101']);
    assert.deepEqual(verbs([exec]), ['create exec 101']);
  });

  it('records a request without credentials, which is told of before its end only', () => {
    const refused = rawEvent({ verb: 'list', code: 401, fields: { stage: 'ResponseStarted', user: {} } });
    assert.deepEqual(verbs([refused]), ['list  401']);
  });

  it('marks dry runs', () => {
    const { store } = reduce([rawEvent({ query: '?dryRun=All' })]);
    assert.deepEqual(
      [...store.actionsBackwards(undefined)].map(({ dryRun }) => dryRun),
      [true],
    );
  });
});
