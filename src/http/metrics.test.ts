import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DROPS, REJECTIONS } from '../model/source-status.ts';
import { testAccess, USER_HEADER } from './testing/access.ts';
import { fixtureReader, SOURCE } from './testing/fixture.ts';
import { serve } from './testing/serve.ts';

test('the sources, the process and the build', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  // Twice: totals must not add up from one scrape to the next.
  await ask('/metrics');
  const { body, headers } = await ask('/metrics');
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
  const source = 'source="/var/log/kubernetes/audit.log"';
  for (const line of [
    `kubeprovenance_source_events_total{${source}} 40`,
    `kubeprovenance_source_versions_total{${source}} 16`,
    `kubeprovenance_source_read_bytes_total{${source}} 4096`,
    `kubeprovenance_source_behind_bytes{${source}} 12`,
    `kubeprovenance_source_problem{${source}} 0`,
    `kubeprovenance_source_dropped_total{${source},reason="read"} 20`,
    `kubeprovenance_source_dropped_total{${source},reason="no-op"} 0`,
    'kubeprovenance_build_info{version="0.0.0-test"} 1',
  ]) {
    assert.ok(body.split('\n').includes(line), line);
  }
  assert.match(body, /^process_resident_memory_bytes /m);
  assert.match(body, /^kubeprovenance_tls_handshake_errors_total 0$/m);
  const reasons = body.split('\n').filter((line) => line.startsWith('kubeprovenance_source_dropped_total{'));
  assert.equal(reasons.length, REJECTIONS.length + DROPS.length);
});

test('a source that went away leaves no series behind', async (t) => {
  let sources = [SOURCE];
  const { ask } = await serve(t, { ...fixtureReader(), sources: () => sources });
  assert.match((await ask('/metrics')).body, /^kubeprovenance_source_events_total\{/m);
  sources = [];
  assert.doesNotMatch((await ask('/metrics')).body, /^kubeprovenance_source_\w+\{/m);
});

test('requests are counted by the pattern of their route, whatever paths there are', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const api = '/apis/kubeprovenance.cloudark.io/v1';
  for (const name of ['api', 'x', 'y']) await ask(`${api}/namespaces/payments/deployments/${name}/versions`);
  for (let index = 0; index < 5; index += 1) await ask(`/random/${index}`);
  await ask('/', { method: 'POST' });
  const { body } = await ask('/metrics');
  const counts = body
    .split('\n')
    .filter((line) => line.startsWith('kubeprovenance_http_request_duration_seconds_count'));
  const route = `${api}/namespaces/:namespace/:resource/:name/versions`;
  assert.deepEqual(counts.sort(), [
    'kubeprovenance_http_request_duration_seconds_count{route="",code="404"} 5',
    'kubeprovenance_http_request_duration_seconds_count{route="",code="405"} 1',
    `kubeprovenance_http_request_duration_seconds_count{route="${route}",code="200"} 1`,
    `kubeprovenance_http_request_duration_seconds_count{route="${route}",code="404"} 2`,
  ]);
});

test('who is refused for their credentials is counted; who may not do something is not', async (t) => {
  const { ask } = await serve(t, fixtureReader(), {
    access: testAccess({ alice: ['get /metrics'] }),
  });
  const as = (user: string) => ({ headers: { [USER_HEADER]: user } });
  for (const path of ['/', '/livez', '/nothing']) assert.equal((await ask(path, as('broken'))).code, 401);
  assert.equal((await ask('/', as('alice'))).code, 403);
  assert.match(
    (await ask('/metrics', as('alice'))).body,
    /^kubeprovenance_authentication_failures_total 3$/m,
  );
});
