/** versions, spechistory and manifest: what is shown of one object's history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeHistory, makeVersion, webKey } from '../../testing/arbitraries.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import type { ObjectHistory } from '../reader.ts';
import { MARKER_PREFIX } from '../redacted.ts';
import { manifestAt } from './manifest.ts';
import { SPEC_HISTORY_MAX_CHARS, specHistory } from './spec-history.ts';
import { listVersions } from './versions.ts';

const history = makeHistory([
  { metadata: { labels: { app: 'web' } }, spec: { replicas: 1 } },
  { metadata: { labels: { app: 'shop' } }, spec: { replicas: 2 } },
  'unknown',
  { spec: { replicas: 2 } },
  'deleted',
  { spec: { replicas: 2 } },
  { metadata: {}, spec: { replicas: 2 } },
]);

function version(of: ObjectHistory, number: number) {
  return of.versions[number - 1] ?? assert.fail(`there is no version ${number}`);
}

test('changed is null where there is nothing to compare with', () => {
  const changed = listVersions(history).items.map((item) => item.changed);
  assert.deepEqual(changed, [
    null, // created
    ['metadata.labels.app', 'spec.replicas'],
    null, // unknown
    null, // after an unknown one
    null, // deleted
    null, // created again
    ['metadata'],
  ]);
});

test('a version item has what is known of its write, and marks only where they are set', () => {
  const actor = {
    user: 'bob',
    impersonatedBy: 'admin',
    userAgent: 'argocd',
    sourceIPs: ['192.0.2.1', '192.0.2.2'],
  };
  const completedBy = { user: 'system:node:n1', auditID: 'audit-9' };
  const last = makeVersion(2, {
    operation: 'delete',
    actor,
    deleted: true,
    content: undefined,
    generation: undefined,
    completedBy,
  });
  const { items } = listVersions({ key: webKey, versions: [makeVersion(1, { terminating: true }), last] });
  const [first, second] = items;
  assert.equal(first?.terminating, true);
  assert.deepEqual(Object.keys(first ?? {}).includes('deleted'), false);
  assert.deepEqual(second, {
    version: 'v2',
    operation: 'delete',
    timestamp: second?.timestamp,
    user: 'bob',
    impersonatedBy: 'admin',
    auditID: 'audit-2',
    userAgent: 'argocd',
    sourceIPs: ['192.0.2.1', '192.0.2.2'],
    uid: 'uid-1',
    resourceVersion: '102',
    generation: null,
    changed: null,
    fidelity: 'exact',
    deleted: true,
    completedBy,
  });
});

test('a spec history has each spec, null where there is none', () => {
  const { items } = specHistory(history);
  assert.deepEqual(
    items.map(({ version: number, spec, deleted, fidelity }) => [number, spec, deleted, fidelity]),
    [
      ['v1', { replicas: 1 }, undefined, 'exact'],
      ['v2', { replicas: 2 }, undefined, 'exact'],
      ['v3', null, undefined, 'unknown'],
      ['v4', { replicas: 2 }, undefined, 'exact'],
      ['v5', null, true, 'exact'],
      ['v6', { replicas: 2 }, undefined, 'exact'],
      ['v7', { replicas: 2 }, undefined, 'exact'],
    ],
  );
  assert.equal(
    items.some((item) => 'content' in item),
    false,
  );
});

test('kinds without a spec have their content instead', () => {
  const [item] = specHistory(makeHistory([{ data: { k: 'v' } }])).items;
  assert.deepEqual(item?.content, { data: { k: 'v' } });
  assert.equal('spec' in (item ?? {}), false);
});

test('a spec history goes from start to end, both included', () => {
  const range = { start: version(history, 2), end: version(history, 3) };
  assert.deepEqual(
    specHistory(history, range).items.map((item) => item.version),
    ['v2', 'v3'],
  );
  assertRefused(
    () => specHistory(history, { start: range.end, end: range.start }),
    'PARAMETER_INVALID',
    /start \(v3\) is after end \(v2\)/,
  );
});

test('a manifest is fit for kubectl apply', () => {
  const answer = manifestAt(history, version(history, 1));
  assert.deepEqual(answer, {
    version: 'v1',
    fidelity: 'exact',
    manifest: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
      spec: { replicas: 1 },
    },
  });
  assert.deepEqual(Object.keys(answer.manifest), ['apiVersion', 'kind', 'metadata', 'spec']);
  const namespace = makeHistory([{}], { group: '', resource: 'namespaces', namespace: '', name: 'shop' });
  assert.deepEqual(manifestAt(namespace, version(namespace, 1)).manifest['metadata'], { name: 'shop' });
});

test('there is no manifest of what is gone or was not recorded', () => {
  assertRefused(
    () => manifestAt(history, version(history, 5)),
    'CONTENT_DELETED',
    /at v5, a deletion: ask for v4/,
  );
  assertRefused(() => manifestAt(history, version(history, 3)), 'CONTENT_UNKNOWN', /ask for v2 or v4$/);
});

test('a manifest that may be wrong says so', () => {
  const partial = makeVersion(1, { fidelity: 'partial', apiVersion: '', kind: '' });
  const typed = { key: webKey, versions: [partial, makeVersion(2)] };
  const answer = manifestAt(typed, partial);
  assert.match(answer.warning ?? '', /^v1 is put together from requests/);
  assert.equal(answer.manifest['kind'], 'Deployment', 'the kind of a neighbour');
  assert.doesNotMatch(answer.warning ?? '', /digests/);
  const redacted = makeVersion(1, {
    content: { spec: { manifests: [{ data: { k: `${MARKER_PREFIX}x` } }] } },
  });
  assert.match(
    manifestAt(typed, redacted).warning ?? '',
    /digests stand in .* must not be applied as it is$/,
  );
  const untyped = manifestAt({ key: webKey, versions: [partial] }, partial);
  assert.match(untyped.warning ?? '', /apiVersion and kind are not recorded/);
  assert.equal('kind' in untyped.manifest, false);
});

test('what a version is the first to show is not said to have changed', () => {
  const versions = [
    makeVersion(1, { firstSeen: true, contentComplete: false, content: { spec: { replicas: 3 } } }),
    makeVersion(2, { content: { metadata: {}, spec: { replicas: 2, template: {} } } }),
    makeVersion(3, { content: { spec: { replicas: 2, template: {} } } }),
  ];
  assert.deepEqual(
    listVersions({ key: webKey, versions }).items.map(({ changed, revealed }) => [changed, revealed]),
    [
      [null, undefined],
      [['spec.replicas'], ['metadata', 'spec.template']],
      [['metadata'], undefined],
    ],
  );
});

test('a spec history that is too large is refused, with what would do', () => {
  const text = 'x'.repeat(SPEC_HISTORY_MAX_CHARS / 4);
  const large = makeHistory([1, 2, 3, 4, 5].map((n) => ({ spec: { n, text } })));
  assertRefused(
    () => specHistory(large),
    'ANSWER_TOO_LARGE',
    /^v1 to v5 hold more than 32 MiB: narrow start and end \(v1 to v3 would do\)$/,
  );
  assert.equal(specHistory(large, { start: version(large, 3) }).items.length, 3);
});
