import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { assertStatus } from '../testing/assert-status.ts';
import { testAccess, USER_HEADER } from '../testing/access.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve } from '../testing/serve.ts';

const SOURCES = '/apis/kubeprovenance.cloudark.io/v1/sources';

/** The answer to a request whose target no HTTP client would send. */
async function askRaw(url: string, target: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

test('a target that is no path gets a Status, as everything does', async (t) => {
  const { url, log, ask } = await serve(t, fixtureReader());
  for (const target of ['http://[', '*', '*?pretty=true', 'http://[?pretty=true']) {
    const answer = await askRaw(url, target);
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/, target);
    assert.match(answer, /\r\nContent-Type: application\/json\r\n/, target);
    assert.match(answer, /"message":"the request target \\".*\\" is no path","reason":"BadRequest"/, target);
  }
  assert.match(await askRaw(url, 'http://localhost/livez'), /^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok$/s);
  assert.match((await ask('/metrics')).body, /duration_seconds_count\{route="",code="400"\} 4\n/);
  assert.equal(log.filter((line) => line.includes('"level":50')).length, 0);
});

test('a query that nobody needs is refused on every path, before it matters who asks', async (t) => {
  const { ask } = await serve(t, fixtureReader(), { access: testAccess({}) });
  const broken = { headers: { [USER_HEADER]: 'broken' } };
  for (const path of ['/healthz', SOURCES, '/nothing', '/metrics', '/']) {
    for (const [query, message] of [
      [`x=${'y'.repeat(16 * 1024)}`, /longer than 16384 characters/],
      [`pretty=true&x=${'y'.repeat(100_000)}`, /longer than 16384 characters/],
      ['&'.repeat(200), /more than 200 parameters/],
    ] as const) {
      const refused = await ask(`${path}?${query}`, broken);
      assert.match(refused.body, message);
      assertStatus(refused, 400);
    }
    assertStatus(await ask(`${path}?${'x&'.repeat(199)}x`, broken), 401);
    assertStatus(await ask(`${path}?${'x'.repeat(16 * 1024)}`, broken), 401);
  }
});
