import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureReader } from './testing/fixture.ts';
import { serve } from './testing/serve.ts';

test('each endpoint says ok, as plain text whatever is accepted', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const path of ['/livez', '/readyz', '/healthz']) {
    const answer = await ask(path, { headers: { accept: 'image/png' } });
    assert.equal(answer.code, 200);
    assert.equal(answer.body, 'ok');
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  }
});

test('verbose lists the checks', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  assert.equal((await ask('/livez?verbose')).body, '[+]ping ok\nlivez check passed\n');
  assert.equal(
    (await ask('/readyz?verbose&exclude=ping&exclude=etcd')).body,
    '[+]ping excluded: ok\nwarn: some health checks cannot be excluded: no matches for "etcd"\nreadyz check passed\n',
  );
});

test('a failed check fails readiness alone, without its reason, unless it is excluded', async (t) => {
  const { ask } = await serve(t, fixtureReader(), {
    readyChecks: [{ name: 'shutdown', isHealthy: () => false }],
  });
  const failed = await ask('/readyz');
  assert.equal(failed.code, 500);
  assert.equal(failed.body, '[+]ping ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n');
  assert.equal((await ask('/readyz?exclude=shutdown')).body, 'ok');
  assert.equal((await ask('/livez')).code, 200);
});

test('whatever else a prober adds makes no difference', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const query of ['x=1', 'output=json', 'verbos', 'exclude=', 'x&x&x']) {
    assert.equal((await ask(`/readyz?${query}`)).body, 'ok', query);
  }
  assert.equal((await ask('/livez?verbose&verbose=1&x')).body, '[+]ping ok\nlivez check passed\n');
});
