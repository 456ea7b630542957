import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listVersions } from '../../model/query/versions.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { versionsText } from './versions-text.ts';

test('the newest first, with who, when and what', () => {
  const text = versionsText(listVersions(fixtureHistory('deployments.apps', 'api')));
  assert.equal(
    text.slice(0, text.indexOf('version v3')),
    `version v6 (latest)
Operation: create
User:      gitops
Agent:     kubectl/v1.34.0
From:      10.0.0.7
Date:      2026-11-22T10:31:00.000000Z
Fidelity:  exact
Audit-ID:  audit-api-6

    created

version v5 (deleted)
Operation: delete
User:      gitops
Agent:     kubectl/v1.34.0
From:      10.0.0.7
Date:      2026-11-22T10:30:00.000000Z
Fidelity:  exact
Audit-ID:  audit-api-5

    deleted; completed by system:serviceaccount:kube-system:garbage-collector

version v4
Operation: apply
User:      ci-bot
Agent:     kubectl/v1.34.0
From:      10.0.0.7
Date:      2026-11-22T10:00:00.000000Z
Fidelity:  exact
Audit-ID:  audit-api-4

    changed: spec.template.spec.containers[name=api].image
             spec.template.spec.containers[name=api].env[name=LOG_LEVEL].value

`,
  );
  assert.match(text, /\nUser: {6}breakglass \(as alice\)\n/);
});

test('what was not recorded is said to be so', () => {
  const text = versionsText(listVersions(fixtureHistory('widgets', 'hidden')));
  assert.match(text, /\n {4}changed: not known, for the content of v1 was not recorded\n/);
  assert.match(text, /version v1\n(.+\n)+\n {4}changed: not recorded\n$/);
});

test('what a client calls itself cannot command the terminal', () => {
  const text = versionsText(listVersions(fixtureHistory('configmaps', 'config')));
  assert.match(text, /\nAgent: {5}evil\\u001b\[2J\n/);
});

test('what is shown for the first time is kept apart from what changed', () => {
  const list = listVersions(fixtureHistory('deployments.apps', 'api'));
  const item = list.items[1] ?? assert.fail();
  const text = (changed: string[]) =>
    versionsText({
      ...list,
      items: [{ ...item, changed, revealed: ['a', 'b'] }],
    });
  const label = 'first shown here, may be older:';
  const shown = `    ${label} a\n    ${' '.repeat(label.length)} b\n`;
  assert.ok(text([]).endsWith(`\n\n${shown}`));
  assert.ok(text(['c']).endsWith(`\n\n    changed: c\n${shown}`));
});
