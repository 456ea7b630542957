import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectHistoryItem } from '../../model/query/object-history-item.ts';
import { micros } from '../../model/time.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { objectHistoriesText, objectHistoryText } from './object-histories-text.ts';

const api = objectHistoryItem(fixtureHistory('deployments', 'api'));
const viewer = objectHistoryItem(fixtureHistory('clusterroles', 'viewer'));

test('a line for each object, and how to go on', () => {
  const list = { kind: 'ObjectHistoryList', apiVersion: api.apiVersion } as const;
  const gone = { ...viewer, deleted: true as const };
  assert.equal(
    objectHistoriesText({ ...list, metadata: { continue: 'abc' }, items: [api, gone] }),
    `2026-11-22T10:31:00.000000Z  deployments.apps payments/api                  6 versions  gitops
2026-11-22T11:30:00.000000Z  clusterroles.rbac.authorization.k8s.io viewer  2 versions  mallory  (deleted)

more objects: continue=abc
`,
  );
  assert.equal(objectHistoriesText({ ...list, metadata: {}, items: [] }), 'no objects\n');
});

test('a block for one object', () => {
  const history = fixtureHistory('deployments', 'api');
  const actor = { user: 'eve\u001b[2J', impersonatedBy: undefined, userAgent: '', sourceIPs: [] };
  const since = micros(1_795_000_000_000_000);
  const item = objectHistoryItem({ ...history, terminating: { since, actor, auditID: 'a', uid: '' } });
  assert.equal(
    objectHistoryText(item),
    `deployments.apps payments/api (terminating)
Versions:    6
First:       v1, create at 2026-11-22T08:00:00.000000Z by ci-bot
Last:        v6, create at 2026-11-22T10:31:00.000000Z by gitops
Fidelity:    exact
UID:         uid-api-2
Terminating: since 2026-11-18T11:06:40.000000Z, asked for by eve\\u001b[2J
`,
  );
});
