import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AUTHENTICATED_GROUP } from '../auth/user.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve } from '../testing/serve.ts';

test('once its client has gone, no more is asked for a list', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { promise: told, resolve: tell } = Promise.withResolvers<{ allowed: boolean; reason: string }>();
  const asked: string[] = [];
  const { log, url } = await serve(t, fixtureReader(), {
    access: {
      authenticate: () =>
        Promise.resolve({ name: 'alice', uid: '', groups: [AUTHENTICATED_GROUP], extra: new Map() }),
      authorize: (_user, attributes) => {
        if (attributes.verb === 'list') return Promise.resolve({ allowed: true, reason: '' });
        asked.push('resource' in attributes ? attributes.resource : attributes.path);
        arrived.resolve();
        return told;
      },
    },
  });
  const { hostname, port } = new URL(url);
  const client = connect(Number(port), hostname);
  client.write('GET /apis/kubeprovenance.cloudark.io/v1/objecthistories HTTP/1.1\r\nHost: x\r\n\r\n');
  await arrived.promise;
  client.destroy();
  while (!log.some((line) => line.includes('"msg":"request"'))) await new Promise(setImmediate);
  tell({ allowed: false, reason: '' });
  await new Promise(setImmediate);
  assert.deepEqual(asked, ['*'], 'what comes after the denied first question was not asked');
});
