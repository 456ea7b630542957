import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ANONYMOUS, MASTERS_GROUP, UNSECURED, type User } from '../auth/user.ts';
import { serveLayers } from '../testing/serve-layers.ts';
import { limitInFlight } from './in-flight.ts';
import { whoAsks } from './who-asks.ts';

const USERS: Readonly<Record<string, User>> = {
  anonymous: ANONYMOUS,
  unsecured: UNSECURED,
  aggregator: { ...ANONYMOUS, name: 'system:kube-aggregator', groups: [MASTERS_GROUP] },
};

const access = whoAsks({
  authenticate: (request) => Promise.resolve(USERS[String(request.headers['x-user'])] ?? ANONYMOUS),
  authorize: () => Promise.resolve({ allowed: true, reason: '' }),
});

test('one too many is told to come again; the aggregator and probes always get in', async (t) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
  const { promise: full, resolve: fill } = Promise.withResolvers<undefined>();
  let entered = 0;
  const ask = await serveLayers(t, access, limitInFlight(2), async (ctx) => {
    if (ctx.path === '/slow') {
      entered += 1;
      if (entered === 2) fill(undefined);
      await opened;
    }
    ctx.body = 'done';
  });
  const slow = [ask('/slow'), ask('/slow', { 'x-user': 'unsecured' })];
  await full;
  for (const user of ['anonymous', 'unsecured']) {
    const refused = await ask('/quick', { 'x-user': user });
    assert.equal(refused.code, 429);
    assert.equal(refused.headers['retry-after'], '1');
    assert.match(refused.body, /"reason":"TooManyRequests".*"retryAfterSeconds":1/);
  }
  assert.equal((await ask('/quick', { 'x-user': 'aggregator' })).body, 'done');
  assert.equal((await ask('/readyz')).body, 'done');
  open(undefined);
  for (const answer of await Promise.all(slow)) assert.equal(answer.body, 'done');
  assert.equal((await ask('/quick')).body, 'done');
});

test('a request that fails gives its place back', async (t) => {
  const ask = await serveLayers(t, access, limitInFlight(1), (ctx) => {
    if (ctx.path === '/broken') throw new Error('broken');
    ctx.body = 'done';
  });
  assert.equal((await ask('/broken')).code, 500);
  assert.equal((await ask('/fine')).code, 200);
});
