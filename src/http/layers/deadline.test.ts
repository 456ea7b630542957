import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, parseJson, stringMember } from '../../model/json.ts';
import { serveLayers } from '../testing/serve-layers.ts';
import { deadline } from './deadline.ts';

/** Long enough that no test lives to see it. */
const NEVER_MS = 600_000;

test('what takes too long is answered by 504, and its work is told to stop', async (t) => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<unknown>();
  const ask = await serveLayers(t, deadline(NEVER_MS), async (ctx) => {
    const { signal } = ctx.state;
    await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    stop(signal?.reason);
    // Too late: this must not reach the client, and must not break anything.
    ctx.body = 'too late';
    throw new Error('too late');
  });
  const answer = await ask('/?timeout=5ms');
  assert.equal(answer.code, 504);
  const status = parseJson(answer.body);
  assert.ok(isObject(status));
  assert.equal(status['reason'], 'Timeout');
  assert.match(stringMember(status, 'message') ?? '', /not ready in time/);
  assert.ok((await stopped) instanceof Error);
  assert.equal((await ask('/?timeout=6ms')).code, 504, 'the server goes on');
});

test('a client that goes away stops the work', async (t) => {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<unknown>();
  const client = new AbortController();
  const ask = await serveLayers(t, deadline(NEVER_MS), async (ctx) => {
    const { signal } = ctx.state;
    signal?.addEventListener('abort', () => stop(signal.reason), { once: true });
    client.abort();
    await stopped;
  });
  await assert.rejects(ask('/', {}, client.signal));
  assert.match(String(await stopped), /client is gone/);
});

test('what is in time is answered, whatever the client allows', async (t) => {
  const ask = await serveLayers(t, deadline(NEVER_MS), (ctx) => {
    ctx.body = String(ctx.state.signal?.aborted);
  });
  for (const query of ['', '?timeout=', '?timeout=0s', '?timeout=30s', '?timeout=99h']) {
    assert.equal((await ask(`/${query}`)).body, 'false', query);
  }
  assert.equal((await ask('/?timeout=soon')).code, 400);
});
