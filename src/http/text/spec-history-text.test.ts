import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specHistory } from '../../model/query/spec-history.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { specHistoryText } from './spec-history-text.ts';

test('each version with its spec in YAML, the newest first', () => {
  const history = fixtureHistory('deployments.apps', 'api');
  const [, , , start] = history.versions;
  assert.equal(
    specHistoryText(specHistory(history, { start })),
    `version v6
User:     gitops
Date:     2026-11-22T10:31:00.000000Z
Fidelity: exact

    replicas: 2
    template:
      spec:
        containers:
          - name: api
            image: api:1.2
            env:
              - name: LOG_LEVEL
                value: info

version v5 (deleted)
User:     gitops
Date:     2026-11-22T10:30:00.000000Z
Fidelity: exact

    deleted

version v4
User:     ci-bot
Date:     2026-11-22T10:00:00.000000Z
Fidelity: exact

    replicas: 3
    template:
      spec:
        containers:
          - name: api
            image: api:1.0
            env:
              - name: LOG_LEVEL
                value: info
`,
  );
});

test('a content that was not recorded, and one of a kind without a spec', () => {
  assert.match(
    specHistoryText(specHistory(fixtureHistory('widgets', 'hidden'))),
    /version v1\n(.+\n)+\n {4}not recorded\n$/,
  );
  assert.match(
    specHistoryText(specHistory(fixtureHistory('configmaps', 'config'))),
    /\n {4}data:\n {6}app\.conf: \|\n {8}listen = 80\n {8}workers = 8\n/,
  );
});
