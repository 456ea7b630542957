import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bisect } from '../../model/query/bisect.ts';
import { fixtureHistory } from '../testing/fixture.ts';
import { bisectText } from './bisect-text.ts';

test('the question, the first version, and each interval', () => {
  const pairs = [
    { field: 'image', value: 'api:1.0' },
    { field: 'spec.template.spec.containers[name=api].env[name=LOG_LEVEL].value', value: 'info' },
  ];
  assert.equal(
    bisectText(bisect(fixtureHistory('deployments.apps', 'api'), pairs)),
    `bisect deployments.apps payments/api
    image = api:1.0
    spec.template.spec.containers[name=api].env[name=LOG_LEVEL].value = info

first held at v1
User:     ci-bot
Date:     2026-11-22T08:00:00.000000Z
Audit-ID: audit-api-1

held
    v1 until v2  2026-11-22T08:00:00.000000Z until 2026-11-22T09:00:00.000000Z
    v4 until v5  2026-11-22T10:00:00.000000Z until 2026-11-22T10:30:00.000000Z
`,
  );
});

test('what holds still, and what is not known', () => {
  assert.equal(
    bisectText(bisect(fixtureHistory('widgets', 'hidden'), [{ field: 'size', value: '2' }])),
    `bisect widgets.example.com payments/hidden
    size = 2

first held at v2
User:     admin
Date:     2026-11-22T07:30:00.000000Z
Audit-ID: audit-hidden-2

held
    since v2  since 2026-11-22T07:30:00.000000Z  uncertain: what is next to it was not all recorded

not known, for not all of them was recorded: v1
`,
  );
});

test('what never held', () => {
  const history = fixtureHistory('deployments.apps', 'api');
  assert.equal(
    bisectText(bisect(history, [{ field: 'image', value: '' }])),
    'bisect deployments.apps payments/api\n    image = ""\n\nnever held\n',
  );
  assert.match(
    bisectText(bisect(history, [{ field: 'image', value: 'api:1.1' }])),
    /User: {5}breakglass \(as alice\)\n/,
  );
});

test('what an object was first seen with is credited to nobody', () => {
  const history = fixtureHistory('deployments.apps', 'api');
  const versions = history.versions.map((version) => ({ ...version, firstSeen: version.number === 1 }));
  const text = bisectText(bisect({ ...history, versions }, [{ field: 'image', value: 'api:1.0' }]));
  assert.match(text, /\nfirst held at v1\nUser: not known: the object was first seen so\nDate: .*\n\nheld\n/);
  assert.match(text, /v1 until v2 .* uncertain: what is next to it was not all recorded\n/);
});
