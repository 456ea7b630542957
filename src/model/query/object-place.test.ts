import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareKeys } from '../object-key.ts';
import { checkProperty } from '../../testing/property.ts';
import { assertRefused } from '../../testing/query-errors.ts';
import { FIRST_PLACE, openPlace, sealPlace } from './object-place.ts';

const parts = fc.constantFrom('', 'a', 'b', 'apps', 'web', 'é"\\', '-', '__proto__', 'x'.repeat(253));
const keys = fc.record(
  { group: parts, resource: parts, namespace: parts, name: parts },
  { noNullPrototype: true },
);

test('a token gives back its place', () => {
  checkProperty(fc.property(keys, (key) => assert.deepEqual(openPlace(sealPlace(key)), key)));
});

test('a token tells nothing of its place', () => {
  const secret = { group: '', resource: 'secrets', namespace: 'payments', name: 'db-password' };
  const token = sealPlace(secret);
  assert.doesNotMatch(Buffer.from(token, 'base64url').toString('latin1'), /secrets|payments|password/);
  assert.equal(token.length, sealPlace(FIRST_PLACE).length, 'not even how long it is');
  assert.notEqual(token, sealPlace(secret), 'nor whether it is another');
});

test('a token that was changed, cut or made up is refused', () => {
  const token = sealPlace({ group: 'apps', resource: 'deployments', namespace: 'a', name: 'b' });
  const bytes = Buffer.from(token, 'base64url');
  checkProperty(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const changed = Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ mask : byte)));
      assertRefused(() => openPlace(changed.toString('base64url')), 'CONTINUE_EXPIRED', /begin anew/);
    }),
  );
  for (const other of ['', 'x', token.slice(0, 38), token.slice(0, -2), 'MTox', '%', `${token}AAAA`])
    assertRefused(() => openPlace(other), 'CONTINUE_EXPIRED', /no token of this list/);
});

test('keys are ordered part by part, by code units, and none comes before the first place', () => {
  const key = (text: string) => {
    const [group = '', resource = '', namespace = '', name = ''] = text.split('/');
    return { group, resource, namespace, name };
  };
  const ordered = ['/pods//a', '/pods/x/a', '/pods/x/b', 'Z/pods//a', 'a/pods//a', 'a/pods-x//a'].map(key);
  for (const [index, left] of ordered.entries()) {
    for (const [other, right] of ordered.entries())
      assert.equal(compareKeys(left, right), Math.sign(index - other));
    assert.equal(compareKeys(left, FIRST_PLACE), 1);
  }
});
