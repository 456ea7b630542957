import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestAt } from '../../model/query/manifest.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { manifestText } from './manifest-text.ts';

test('YAML that can be applied, its version and what may be wrong in comments', () => {
  const history = fixtureHistory('configmaps', 'config');
  const [first, second] = history.versions;
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(
    manifestText(manifestAt(history, first)),
    `# v1, exact
apiVersion: v1
kind: Kind
metadata:
  name: config
  namespace: payments
data:
  app.conf: |
    listen = 80
    workers = 4
    timeout = 30
    retries = 3
`,
  );
  assert.match(
    manifestText(manifestAt(history, second)),
    /^# v2, partial\n# v2 is put together [^\n]*\napiVersion: v1\n/,
  );
});
