import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertStatus } from '../testing/assert-status.ts';
import { testAccess, USER_HEADER } from '../testing/access.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve } from '../testing/serve.ts';

test('who wants to be somebody else is not answered as who they are, on any listener', async (t) => {
  const plain = await serve(t, fixtureReader());
  const secure = await serve(t, fixtureReader(), { access: testAccess({}) });
  const path = '/apis/kubeprovenance.cloudark.io/v1/sources';
  for (const header of [
    'Impersonate-User',
    'impersonate-group',
    'Impersonate-Uid',
    'Impersonate-Extra-Scopes',
    'Impersonate-Extra-',
  ]) {
    for (const { ask } of [plain, secure]) {
      const refused = await ask(path, { headers: { [header]: 'bob', [USER_HEADER]: 'root' } });
      assert.match(refused.body, /ask through kube-apiserver/);
      assertStatus(refused, 400);
    }
  }
  const other = { 'impersonated-user': 'bob', 'x-impersonate-user': 'bob' };
  assert.equal((await plain.ask(path, { headers: other })).code, 200);
});
