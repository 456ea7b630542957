import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerToken, createTokenAuthenticator, type TokenReviewResult } from './bearer-token.ts';
import type { User } from './user.ts';

const ALICE: User = { name: 'alice', uid: '', groups: [], extra: new Map() };

/** A review of which the test says what comes of it. */
function scene(results: readonly (TokenReviewResult | Error)[]): {
  authenticate: (token: string) => Promise<User | undefined>;
  asked: string[];
  pass: (ms: number) => void;
} {
  let nowMs = 1;
  const asked: string[] = [];
  const authenticate = createTokenAuthenticator(
    (token) => {
      const result = results[asked.push(token) - 1];
      if (result === undefined) throw new Error('one review too many');
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    { nowMs: () => nowMs },
  );
  return { authenticate, asked, pass: (ms) => void (nowMs += ms) };
}

test('an answer is kept for ten seconds, whether it is yes or no', async () => {
  const yes = { authenticated: true, user: ALICE };
  const { authenticate, asked, pass } = scene([yes, { authenticated: false }, { authenticated: false }, yes]);
  assert.equal(await authenticate('a'), ALICE);
  assert.equal(await authenticate('b'), undefined);
  pass(10_000);
  assert.equal(await authenticate('a'), ALICE);
  assert.equal(await authenticate('b'), undefined);
  assert.deepEqual(asked, ['a', 'b']);
  pass(1);
  assert.equal(await authenticate('a'), undefined);
  assert.equal(await authenticate('b'), ALICE);
  assert.deepEqual(asked, ['a', 'b', 'a', 'b']);
});

test('with no time to keep it, nothing is kept', async () => {
  let reviews = 0;
  const authenticate = createTokenAuthenticator(
    () => {
      reviews += 1;
      return Promise.resolve({ authenticated: true, user: ALICE });
    },
    { ttlMs: 0 },
  );
  assert.equal(await authenticate('a'), ALICE);
  assert.equal(await authenticate('a'), ALICE);
  assert.equal(reviews, 2);
});

test('errors are not kept: neither a failed review nor one that could not tell', async () => {
  const { authenticate, asked } = scene([
    new Error('away'),
    { authenticated: false, error: 'expired' },
    { authenticated: true },
    { authenticated: true, user: ALICE },
  ]);
  await assert.rejects(authenticate('a'), /away/);
  await assert.rejects(authenticate('a'), { name: 'TokenReviewError', message: 'expired' });
  await assert.rejects(authenticate('a'), /names no user/);
  assert.equal(await authenticate('a'), ALICE);
  assert.equal(asked.length, 4);
});

test('equal tokens at one time share a review, other tokens do not', async () => {
  const told = Promise.withResolvers<void>();
  const asked: string[] = [];
  const authenticate = createTokenAuthenticator(async (token) => {
    asked.push(token);
    await told.promise;
    return { authenticated: true, user: { ...ALICE, name: token } };
  });
  const answers = Promise.all(['a', 'b', 'a', 'a'].map((token) => authenticate(token)));
  told.resolve();
  assert.deepEqual(
    (await answers).map((user) => user?.name),
    ['a', 'b', 'a', 'a'],
  );
  assert.deepEqual(asked, ['a', 'b']);
});

test('a full cache still answers what it was asked', async () => {
  const authenticate = createTokenAuthenticator(
    (token) => Promise.resolve({ authenticated: true, user: { ...ALICE, name: token } }),
    { entriesMax: 1 },
  );
  const users = await Promise.all(['a', 'b', 'c'].map((token) => authenticate(token)));
  assert.deepEqual(
    users.map((user) => user?.name),
    ['a', 'b', 'c'],
  );
});

test('a token is what stands after the word Bearer and one space', () => {
  assert.equal(bearerToken('Bearer abc'), 'abc');
  assert.equal(bearerToken('  bEARER abc rest'), 'abc');
  for (const none of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer  abc',
    'Basic abc',
    'Bearerabc',
    'abc Bearer',
  ]) {
    assert.equal(bearerToken(none), undefined, `the header ${none}`);
  }
});

for (const ttlMs of [0, 10_000]) {
  test(`while too many tokens are under review, others are told to come again (kept for ${ttlMs} ms)`, async () => {
    const told = Promise.withResolvers<void>();
    let known = true;
    const authenticate = createTokenAuthenticator(
      async (token) => {
        if (!known) await told.promise;
        return { authenticated: true, user: { ...ALICE, name: token } };
      },
      { ttlMs, reviewsMax: 2, nowMs: () => 1 },
    );
    assert.equal((await authenticate('known'))?.name, 'known');
    known = false;
    const waiting = [authenticate('a'), authenticate('b')];
    await assert.rejects(authenticate('c'), {
      name: 'StatusError',
      reason: 'TooManyRequests',
      retryAfterSeconds: 1,
    });
    if (ttlMs > 0) {
      assert.equal((await authenticate('known'))?.name, 'known', 'what is known needs no review');
      waiting.push(authenticate('a'));
    }
    told.resolve();
    await Promise.all(waiting);
    assert.equal((await authenticate('c'))?.name, 'c', 'a refusal is not kept');
  });
}

test('an address with too many tokens under review does not lock out the others', async () => {
  const told = Promise.withResolvers<void>();
  const authenticate = createTokenAuthenticator(
    async (token) => {
      if (token !== 'good') await told.promise;
      return { authenticated: true, user: { ...ALICE, name: token } };
    },
    { reviewsEachMax: 2 },
  );
  const made = [authenticate('1', '192.0.2.1'), authenticate('2', '192.0.2.1')];
  await assert.rejects(authenticate('3', '192.0.2.1'), { reason: 'TooManyRequests' });
  assert.equal((await authenticate('good', '192.0.2.2'))?.name, 'good');
  told.resolve();
  await Promise.all(made);
  assert.equal((await authenticate('4', '192.0.2.1'))?.name, '4', 'its places are given back');
});
