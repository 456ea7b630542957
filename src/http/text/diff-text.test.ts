import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../model/query/changes.ts';
import { answerDiff, type DiffResult } from '../../model/query/diff.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { diffText } from './diff-text.ts';

/** The diff of two versions, by their numbers. */
function diffOf(resource: string, name: string, from: number, to: number, field?: string): DiffResult {
  const history = fixtureHistory(resource, name);
  const [start, end] = [history.versions[from - 1], history.versions[to - 1]];
  assert.ok(end !== undefined);
  return answerDiff(history, { start, end }, field);
}

test('each changed path with its value before and after', () => {
  assert.equal(
    diffText(diffOf('deployments.apps', 'api', 1, 2)),
    `diff deployments.apps payments/api v1 v2
--- v1 2026-11-22T08:00:00.000000Z ci-bot
+++ v2 2026-11-22T09:00:00.000000Z breakglass (as alice)
@ spec.template.spec.containers[name=api].image @
- api:1.0
+ api:1.1
@ spec.template.spec.containers[name=api].env[name=LOG_LEVEL].value @
- info
+ debug
`,
  );
});

test('long texts line by line', () => {
  assert.equal(
    diffText(diffOf('configmaps', 'config', 1, 2)),
    `diff configmaps payments/config v1 v2
--- v1 2026-11-22T08:00:00.000000Z ci-bot
+++ v2 2026-11-22T11:00:00.000000Z alice (partial)
@ data['app.conf'] @
@@ -1,4 +1,4 @@
  listen = 80
- workers = 4
+ workers = 8
  timeout = 30
  retries = 3
`,
  );
});

test('whole parts in YAML; from before the first version, and after a deletion', () => {
  assert.equal(
    diffText(diffOf('clusterroles', 'viewer', 0, 1)),
    `diff clusterroles.rbac.authorization.k8s.io viewer nothing v1
--- nothing
+++ v1 2026-11-22T07:00:00.000000Z admin
@ rules @
+ - verbs:
+     - get
`,
  );
  assert.match(
    diffText(diffOf('deployments.apps', 'api', 5, 6)),
    /\n--- v5 2026-11-22T10:30:00\.000000Z gitops \(deleted\)\n.*\n@ metadata @\n\+ labels:\n\+ {3}app: api\n@ spec @\n/,
  );
});

test('that nothing differs is said', () => {
  assert.match(diffText(diffOf('deployments.apps', 'api', 3, 3)), /\nno difference\n$/);
  assert.match(diffText(diffOf('deployments.apps', 'api', 2, 3, 'image')), /\nno difference in image\n$/);
});

/** The lines below the heading of one change. */
function linesOf(change: Omit<Change, 'path'>): string[] {
  const diff = diffOf('deployments.apps', 'api', 1, 2);
  return diffText({ ...diff, changes: [{ path: 'a', ...change }] })
    .trimEnd()
    .split('\n')
    .slice(3);
}

test('values of every kind', () => {
  assert.deepEqual(linesOf({ operation: 'replace', from: '3', to: 3 }), ['@ a @', '- "3"', '+ 3']);
  assert.deepEqual(linesOf({ operation: 'replace', from: {}, to: null }), ['@ a @', '- {}', '+ null']);
  assert.deepEqual(linesOf({ operation: 'remove', from: ['x'] }), ['@ a @', '- - x']);
  assert.deepEqual(linesOf({ operation: 'replace', reordered: true, from: ['p', 'q'], to: ['q', 'p'] }), [
    '@ a (reordered) @',
    '- - p',
    '- - q',
    '+ - q',
    '+ - p',
  ]);
  assert.deepEqual(linesOf({ operation: 'replace', from: 'x\ny', to: 'x\ny\n' }), [
    '@ a @',
    '  the newline at the end of the text',
  ]);
  assert.deepEqual(linesOf({ operation: 'add', to: 'x\n\ny\u001b[0m' }), [
    '@ a @',
    '+ x',
    '+',
    String.raw`+ y\u001b[0m`,
  ]);
});

test('what may be older than the first version seen, or there still, says so', () => {
  const history = fixtureHistory('clusterroles', 'viewer');
  const [first] = history.versions;
  assert.ok(first !== undefined);
  const seen = { ...history, versions: [{ ...first, firstSeen: true }] };
  assert.match(
    diffText(answerDiff(seen, { start: undefined, end: seen.versions[0] ?? first })),
    /^diff .* viewer \(not recorded\) v1\n--- \(not recorded\)\n\+\+\+ v1 .*\n@ rules \(not recorded before: may be older\) @\n/,
  );
  assert.deepEqual(linesOf({ operation: 'remove', unrecorded: true, from: 1 }), [
    '@ a (not recorded after: may be there still) @',
    '- 1',
  ]);
});
