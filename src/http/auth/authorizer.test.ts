import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { checkAsyncProperty } from '../../testing/property.ts';
import type { Authorize, Decision } from './access-control.ts';
import type { Attributes, ResourceAttributes } from './attributes.ts';
import { createAuthorizer, type AuthorizerOptions } from './authorizer.ts';
import type { User } from './user.ts';

const ALICE: User = { name: 'alice', uid: '', groups: ['devs'], extra: new Map() };
const DEPLOYMENT: ResourceAttributes = {
  verb: 'get',
  group: 'apps',
  version: '',
  resource: 'deployments',
  subresource: '',
  namespace: 'default',
  name: 'web',
};
const YES: Decision = { allowed: true, reason: 'RBAC' };
const NO: Decision = { allowed: false, reason: 'no RBAC policy matched' };

interface Setup {
  readonly authorize: Authorize;
  /** How often the cluster was asked. */
  readonly asked: () => number;
  readonly log: readonly string[];
  readonly advance: (ms: number) => void;
}

function setUp(
  answer: (user: User, attributes: Attributes) => Decision | Promise<Decision>,
  options: Partial<AuthorizerOptions> = {},
): Setup {
  let asked = 0;
  let time = 1000;
  const log: string[] = [];
  const authorize = createAuthorizer({
    reviewAccess: async (user, attributes) => {
      asked += 1;
      return answer(user, attributes);
    },
    logger: { error: (_bindings: unknown, message?: string) => void log.push(message ?? '') },
    now: () => time,
    ...options,
  });
  return { authorize, asked: () => asked, log, advance: (ms) => void (time += ms) };
}

describe('An authorizer', () => {
  for (const [word, decision] of [
    ['yes', YES],
    ['no', NO],
  ] as const) {
    it(`does not remember a ${word} where it is told not to`, async () => {
      const { authorize, asked } = setUp(() => decision, { allowTtlMs: 0, denyTtlMs: 0 });
      for (let times = 1; times <= 3; times += 1) {
        assert.deepEqual(await authorize(ALICE, DEPLOYMENT), decision);
        assert.equal(asked(), times);
      }
    });
  }

  for (const [word, decision, ttl] of [
    ['yes', YES, { allowTtlMs: 3000 }],
    ['no', NO, { denyTtlMs: 3000 }],
  ] as const) {
    it(`remembers a ${word} for as long as it is told`, async () => {
      const { authorize, asked, advance } = setUp(() => decision, ttl);
      for (const [ms, times] of [
        [0, 1],
        [3000, 1],
        [1, 2],
        [3000, 2],
      ] as const) {
        advance(ms);
        assert.deepEqual(await authorize(ALICE, DEPLOYMENT), decision);
        assert.equal(asked(), times);
      }
    });
  }

  it('asks once for equal questions at one time', async () => {
    const { promise, resolve } = Promise.withResolvers<Decision>();
    const { authorize, asked } = setUp(() => promise);
    const answers = [authorize(ALICE, DEPLOYMENT), authorize(ALICE, { ...DEPLOYMENT })];
    resolve(YES);
    assert.deepEqual(await Promise.all(answers), [YES, YES]);
    assert.equal(asked(), 1);
  });

  it('has the right answer for who waits, also where more wait than it remembers', async () => {
    const { authorize } = setUp(
      async (_user, attributes) => {
        await new Promise(setImmediate);
        return 'name' in attributes && attributes.name === 'a' ? YES : NO;
      },
      { size: 1 },
    );
    const names = ['a', 'b', 'c', 'a', 'b'];
    const answers = await Promise.all(names.map(async (name) => authorize(ALICE, { ...DEPLOYMENT, name })));
    assert.deepEqual(answers, [YES, NO, NO, YES, NO]);
  });

  it('forgets what was used least where there is no room', async () => {
    const { authorize, asked } = setUp(() => YES, { size: 2 });
    for (const name of ['a', 'b', 'a', 'c', 'a']) await authorize(ALICE, { ...DEPLOYMENT, name });
    assert.equal(asked(), 3);
    await authorize(ALICE, { ...DEPLOYMENT, name: 'b' });
    assert.equal(asked(), 4);
  });

  it('never takes a failure for a yes, does not remember it, and keeps its cause from the client', async () => {
    let broken = true;
    const { authorize, log, asked } = setUp(() => {
      if (broken) throw new Error('connect ECONNREFUSED 10.0.0.1:443');
      return YES;
    });
    await assert.rejects(authorize(ALICE, DEPLOYMENT), {
      name: 'StatusError',
      reason: 'InternalError',
      message: 'the cluster could not be asked whether this is allowed',
    });
    assert.deepEqual(log, ['access could not be reviewed: connect ECONNREFUSED 10.0.0.1:443']);
    broken = false;
    assert.deepEqual(await authorize(ALICE, DEPLOYMENT), YES);
    assert.equal(asked(), 2);
  });

  it('does not serve an old yes where the cluster cannot be asked any more', async () => {
    let broken = false;
    const { authorize, advance } = setUp(() => {
      if (broken) throw new Error('no');
      return YES;
    });
    await authorize(ALICE, DEPLOYMENT);
    broken = true;
    advance(10_001);
    await assert.rejects(authorize(ALICE, DEPLOYMENT), { reason: 'InternalError' });
  });

  it('does not remember questions that are very long', async () => {
    const { authorize, asked } = setUp(() => YES);
    const rest = Object.values<string>({ ...DEPLOYMENT, name: '' }).join('').length;
    for (const [length, times] of [
      [9999, 1],
      [10_000, 3],
    ] as const) {
      const attributes = { ...DEPLOYMENT, name: 'x'.repeat(length - rest) };
      await authorize(ALICE, attributes);
      await authorize(ALICE, attributes);
      assert.equal(asked(), times);
    }
  });

  it('does not ask about members of system:masters', async () => {
    const { authorize, asked } = setUp(() => NO);
    const admin = { ...ALICE, groups: ['devs', 'system:masters'] };
    assert.ok((await authorize(admin, DEPLOYMENT)).allowed);
    assert.ok((await authorize(admin, { verb: 'get', path: '/metrics' })).allowed);
    assert.ok(!(await authorize({ ...ALICE, name: 'system:masters' }, DEPLOYMENT)).allowed);
    assert.equal(asked(), 1);
  });

  it('does not ask about the paths of probes, and about no other', async () => {
    const { authorize } = setUp(() => NO);
    for (const [path, allowed] of [
      ['/healthz', true],
      ['/readyz', true],
      ['/livez', true],
      ['/livez/', false],
      ['/livezz', false],
      ['/readyz/ping', false],
      ['/metrics', false],
      ['/', false],
      ['', false],
    ] as const) {
      assert.equal((await authorize(ALICE, { verb: 'get', path })).allowed, allowed, path);
    }
  });

  it('takes paths that end in * for prefixes, and only at the end', async () => {
    const { authorize } = setUp(() => NO, { alwaysAllowPaths: ['/open/*', 'version'] });
    for (const [path, allowed] of [
      ['/open/', true],
      ['/open/a/b', true],
      ['/open', false],
      ['/version', true],
      ['/healthz', false],
    ] as const) {
      assert.equal((await authorize(ALICE, { verb: 'get', path })).allowed, allowed, path);
    }
    assert.throws(() => setUp(() => NO, { alwaysAllowPaths: ['/a*b'] }), RangeError);
    const all = setUp(() => NO, { alwaysAllowPaths: ['*'] });
    assert.ok((await all.authorize(ALICE, { verb: 'get', path: '/metrics' })).allowed);
    assert.ok(!(await all.authorize(ALICE, DEPLOYMENT)).allowed);
  });

  it('never gives one question the answer of another that differs in any one part', async () => {
    const word = fc.constantFrom('', 'a', 'b', 'a,b', '"', '__proto__');
    const words = fc.array(word, { maxLength: 2 });
    const users: fc.Arbitrary<User> = fc.record({
      name: word,
      uid: word,
      groups: words,
      extra: fc.array(fc.tuple(word, words), { maxLength: 2 }).map((entries) => new Map(entries)),
    });
    const requests: fc.Arbitrary<ResourceAttributes> = fc.record({
      verb: word,
      group: word,
      version: word,
      resource: word,
      subresource: word,
      namespace: word,
      name: word,
    });
    await checkAsyncProperty(
      fc.asyncProperty(users, users, requests, requests, async (user, other, request, otherRequest) => {
        const { name, uid, groups, extra } = other;
        const { verb } = request;
        const questions: readonly (readonly [User, Attributes])[] = [
          [user, request],
          [{ ...user, name }, request],
          [{ ...user, uid }, request],
          [{ ...user, groups }, request],
          [{ ...user, extra }, request],
          ...Object.entries(otherRequest).map(
            ([part, value]) => [user, { ...request, [part]: value }] as const,
          ),
          [user, { verb, path: name }],
          [user, { verb, path: uid }],
          [user, { verb: name, path: uid }],
        ];
        // The answer says what was asked.
        const { authorize } = setUp(
          (asker, asked) => ({ allowed: false, reason: describeQuestion(asker, asked) }),
          {
            alwaysAllowPaths: [],
          },
        );
        for (const [asker, asked] of questions) {
          assert.equal((await authorize(asker, asked)).reason, describeQuestion(asker, asked));
        }
      }),
    );
  });

  it('remembers questions in little room, however many groups a user has', async () => {
    const { authorize, asked } = setUp(() => NO);
    const groups = Array.from({ length: 3000 }, (_, index) => `oidc:organisation/department/team-${index}`);
    const usedBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const beforeBytes = usedBytes();
    for (let index = 0; index < 200; index += 1) {
      await authorize({ ...ALICE, groups }, { ...DEPLOYMENT, name: `web-${index}` });
    }
    // As text, each would be over 100 KB.
    assert.ok(usedBytes() - beforeBytes < 5_000_000);
    await authorize({ ...ALICE, groups }, { ...DEPLOYMENT, name: 'web-0' });
    assert.equal(asked(), 200);
  });

  it('knows a question whose extra keys come in another order', async () => {
    const { authorize, asked } = setUp(() => YES);
    const entries: readonly (readonly [string, readonly string[]])[] = [
      ['a', ['1']],
      ['b', ['2']],
    ];
    await authorize({ ...ALICE, extra: new Map(entries) }, DEPLOYMENT);
    await authorize({ ...ALICE, extra: new Map(entries.toReversed()) }, DEPLOYMENT);
    assert.equal(asked(), 1);
  });
});

/** Frees at once what nobody holds any more. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  assert.ok(typeof gc === 'function');
  gc();
}

function describeQuestion({ name, uid, groups, extra }: User, attributes: Attributes): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, uid, groups, [...extra].sort(([a], [b]) => (a < b ? -1 : 1)), sorted]);
}
