import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkProperty } from '../../testing/property.ts';
import { REQUEST_HEADER_DEFAULTS } from './authentication-config.ts';
import { requestHeaderUser } from './request-header.ts';

const CONFIG = { ...REQUEST_HEADER_DEFAULTS, uidHeaders: ['X-Remote-Uid'] };

/** Headers as Node hands them on: the bytes of UTF-8, each as one character. */
function raw(...headers: readonly (readonly [name: string, value: string])[]): string[] {
  return headers.flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
}

test('any user that the front proxy sends is the user that arrives', () => {
  const value = fc.string({ unit: 'binary', minLength: 1 });
  const extra = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.array(value, { minLength: 1 })), {
    selector: ([key]) => key.toLowerCase(),
  });
  checkProperty(
    fc.property(value, value, fc.array(value), extra, (name, uid, groups, extras) => {
      const user = requestHeaderUser(
        raw(
          ['X-Remote-User', name],
          ...groups.map((group) => ['X-Remote-Group', group] as const),
          ...extras.flatMap(([key, values]) =>
            values.map((one) => [`X-Remote-Extra-${encodeURIComponent(key.toLowerCase())}`, one] as const),
          ),
          ['X-Remote-Uid', uid],
        ),
        CONFIG,
      );
      assert.deepEqual(user, {
        name,
        uid,
        groups,
        extra: new Map(extras.map(([key, values]) => [key.toLowerCase(), values])),
      });
    }),
  );
});

test('the first header that has a value names the user; an empty one passes for none', () => {
  const config = { ...CONFIG, usernameHeaders: ['X-First', 'X-Second'] };
  assert.equal(
    requestHeaderUser(raw(['x-second', 'b'], ['x-first', 'a'], ['x-first', 'c']), config)?.name,
    'a',
  );
  assert.equal(requestHeaderUser(raw(['X-Second', 'b'], ['X-First', '']), config)?.name, 'b');
  assert.equal(requestHeaderUser(raw(['X-First', '']), config), undefined);
  assert.equal(requestHeaderUser([], config), undefined);
  assert.equal(requestHeaderUser(raw(['X-First', 'a']), { ...config, usernameHeaders: [] }), undefined);
});

test('groups come header by header, without empty ones; no header, no group', () => {
  const config = { ...CONFIG, groupHeaders: ['X-Team', 'X-Remote-Group'] };
  const headers = raw(
    ['X-Remote-User', 'a'],
    ['X-Remote-Group', 'g'],
    ['X-Team', 't'],
    ['X-Remote-Group', ''],
  );
  assert.deepEqual(requestHeaderUser(headers, config)?.groups, ['t', 'g']);
  assert.deepEqual(requestHeaderUser(headers, { ...config, groupHeaders: [] })?.groups, []);
});

test('keys of extra are lower-cased, then decoded; what cannot be decoded stays', () => {
  const user = requestHeaderUser(
    raw(
      ['X-Remote-User', 'a'],
      ['X-REMOTE-EXTRA-Acme.com%2FKey', '1'],
      ['x-remote-extra-acme.com%2fkey', '2'],
      ['X-Remote-Extra-100%', '3'],
      ['X-Remote-Extra-__Proto__', '4'],
      ['X-Remote-Extra-%C3%A9', '5'],
    ),
    CONFIG,
  );
  const extra = new Map([
    ['acme.com/key', ['1', '2']],
    ['100%', ['3']],
    ['__proto__', ['4']],
    ['é', ['5']],
  ]);
  assert.deepEqual(user?.extra, extra);
});
