import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { AuthenticationConfigWatch } from './authentication-config-watch.ts';
import { createClusterClient } from './cluster-client.ts';
import {
  connectTo,
  sendJson,
  startFakeApiServer,
  TestClock,
  TestLog,
  until,
  type FakeApiServer,
  type FakeRequest,
} from './testing/fake-api-server.ts';

type Data = Readonly<Record<string, string>>;
type Respond = (response: ServerResponse) => void;

/** What the fake does with each read and each watch, in turn; the last of each again and again. */
interface Script {
  readonly reads: readonly Respond[];
  readonly watches?: readonly Respond[];
  /** What is thrown for some data. */
  readonly apply?: (data: Data) => void;
  readonly clock?: TestClock;
  readonly roundMs?: number;
}

interface Setup {
  readonly server: FakeApiServer;
  readonly watch: AuthenticationConfigWatch;
  /** What was applied, in turn. */
  readonly applied: readonly Data[];
  readonly log: TestLog;
  readonly clock: TestClock;
  readonly stop: () => void;
  /** As `start` of the watch. */
  readonly started: Promise<void>;
}

async function setUp(t: TestContext, script: Script): Promise<Setup> {
  const { reads, watches = [hang], clock = new TestClock(), apply = (): void => undefined } = script;
  const counts = { reads: 0, watches: 0 };
  const server = await startFakeApiServer(t, ({ query }, response) => {
    const kind = query.has('watch') ? 'watches' : 'reads';
    const answers = kind === 'reads' ? reads : watches;
    answers[Math.min(counts[kind], answers.length - 1)]?.(response);
    counts[kind] += 1;
  });
  const applied: Data[] = [];
  const log = new TestLog();
  const watch = new AuthenticationConfigWatch({
    client: createClusterClient(connectTo(t, server.url), { clock }),
    apply: (data) => {
      apply(data);
      applied.push(data);
    },
    logger: log,
    clock,
    ...(script.roundMs !== undefined && { roundMs: script.roundMs, graceMs: 0 }),
  });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const started = watch.start(stop.signal);
  return { server, watch, applied, log, clock, stop: () => stop.abort(), started };
}

function configMap(data: Data, resourceVersion = '1'): unknown {
  return {
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', resourceVersion },
    data,
  };
}

function give(data: Data, resourceVersion?: string): Respond {
  return (response) => sendJson(response, 200, configMap(data, resourceVersion));
}

function refuse(code: number): Respond {
  return (response) => sendJson(response, code, { kind: 'Status', message: `it is ${code}`, code });
}

/** Events, after which the watch stays open. */
function events(...all: readonly { type: string; object: unknown }[]): Respond {
  return (response) => void response.write(all.map((event) => `${JSON.stringify(event)}\n`).join(''));
}

function hang(response: ServerResponse): void {
  response.flushHeaders();
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

const pathsOf = (requests: readonly FakeRequest[]): string[] => requests.map(({ path }) => path);

describe('The watch on the authentication ConfigMap', () => {
  it('reads it, then watches it by name from what it read', async (t) => {
    const { server, applied, watch, started } = await setUp(t, {
      reads: [give({ a: '1' }, '17')],
      watches: [events({ type: 'MODIFIED', object: configMap({ a: '2' }) })],
    });
    await started;
    assert.ok(watch.isSynced);
    await until(() => applied.length === 2);
    assert.deepEqual(applied, [{ a: '1' }, { a: '2' }]);
    const base = '/api/v1/namespaces/kube-system/configmaps';
    assert.deepEqual(pathsOf(server.requests), [`${base}/extension-apiserver-authentication`, base]);
    assert.deepEqual(Object.fromEntries(server.requests[1]?.query ?? []), {
      watch: 'true',
      fieldSelector: 'metadata.name=extension-apiserver-authentication',
      resourceVersion: '17',
      timeoutSeconds: '60',
    });
  });

  it('applies only what has changed', async (t) => {
    const { applied } = await setUp(t, {
      reads: [give({ a: '1', b: '1' }), give({ b: '1', a: '1' }, '2'), give({ a: '2' })],
      watches: [events({ type: 'ADDED', object: configMap({ a: '1', b: '1' }) }, ERROR_410), hang],
      roundMs: 30,
    });
    await until(() => applied.length === 2);
    assert.deepEqual(applied, [{ a: '1', b: '1' }, { a: '2' }]);
  });

  const ERROR_410 = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
  for (const [what, end] of [
    ['has expired', events(ERROR_410)],
    ['is refused as expired', refuse(410)],
    ['is cut', cut],
    ['is cut in the middle of an event', (response: ServerResponse): void => void response.end('{"type":')],
    ['sends what is no event', (response: ServerResponse): void => void response.write('{}\n')],
    [
      'sends a line without an end',
      (response: ServerResponse): void => void response.write('x'.repeat(17_000_000)),
    ],
    ['ends', (response: ServerResponse): void => void response.end()],
  ] as const) {
    it(`reads anew after a wait where the watch ${what}`, async (t) => {
      const { applied, clock, log } = await setUp(t, {
        reads: [give({ a: '1' }), give({ a: '2' })],
        watches: [end, hang],
      });
      await until(() => applied.length === 2);
      assert.deepEqual(clock.sleeps, [800]);
      assert.deepEqual(
        log.lines.filter((line) => line.startsWith('error ')),
        [],
      );
    });
  }

  it('reads anew, without a wait, when a watch has had its time', async (t) => {
    const clock = new TestClock();
    const { applied } = await setUp(t, {
      reads: [give({ a: '1' }), give({ a: '2' })],
      watches: [
        (response): void => {
          clock.time += 60_000;
          response.end();
        },
        hang,
      ],
      clock,
    });
    await until(() => applied.length === 2);
    assert.deepEqual(clock.sleeps, []);
  });

  it('reads anew where a watch says nothing and does not end', async (t) => {
    const { applied, log } = await setUp(t, {
      reads: [give({ a: '1' }), give({ a: '2' })],
      watches: [hang],
      roundMs: 30,
    });
    await until(() => applied.length === 2);
    assert.deepEqual(log.lines, []);
  });

  it('waits longer and longer where reads fail, and says once what is wrong and once that it is over', async (t) => {
    const { applied, log, clock, started, watch } = await setUp(t, {
      reads: [refuse(403), refuse(403), refuse(403), give({ a: '1' })],
    });
    assert.ok(!watch.isSynced);
    await started;
    assert.ok(watch.isSynced);
    assert.deepEqual(applied, [{ a: '1' }]);
    assert.deepEqual(clock.sleeps, [800, 1600, 3200]);
    assert.equal(log.lines.length, 2);
    assert.match(
      log.lines[0] ?? '',
      /^warn .*bind the Role extension-apiserver-authentication-reader.*nobody can be/,
    );
    assert.match(log.lines[1] ?? '', /^info .*kept fresh again$/);
  });

  it('goes on after a defect of the program, which is an error in the log', async (t) => {
    const log = new TestLog();
    const clock = new TestClock(2);
    const watch = new AuthenticationConfigWatch({
      client: {
        readConfigMap: () => Promise.reject(new TypeError('it is not a function')),
        watchConfigMap: () => assert.fail('nothing was read'),
      },
      apply: () => assert.fail('nothing was read'),
      logger: log,
      clock,
    });
    const stop = new AbortController();
    t.after(() => stop.abort());
    const started = watch.start(stop.signal);
    await until(() => clock.sleeps.length === 3);
    stop.abort();
    await started;
    assert.deepEqual(clock.sleeps, [800, 1600, 3200]);
    assert.equal(log.lines.filter((line) => line.startsWith('error ')).length, 3);
    assert.match(log.lines.at(1) ?? '', /^warn .*not kept fresh: it is not a function; nobody can be/);
  });

  it('keeps what it knows where it is deleted or cannot be read any more', async (t) => {
    const { applied, log, watch } = await setUp(t, {
      reads: [give({ a: '1' }), refuse(404)],
      watches: [events({ type: 'DELETED', object: configMap({}) }, ERROR_410)],
      clock: new TestClock(3),
    });
    await until(() => log.lines.length === 2);
    assert.ok(watch.isSynced);
    assert.deepEqual(applied, [{ a: '1' }]);
    assert.match(log.lines[0] ?? '', /it was deleted; what was read before stays in force$/);
  });

  it('does not count data that cannot be used, and tries it again', async (t) => {
    let usable = false;
    const { applied, log, started, watch, clock } = await setUp(t, {
      reads: [give({ a: '1' })],
      apply: () => {
        if (!usable) throw new Error('a is no certificate');
      },
    });
    await until(() => clock.sleeps.length > 1);
    assert.ok(!watch.isSynced);
    usable = true;
    await started;
    assert.deepEqual(applied, [{ a: '1' }]);
    assert.match(log.lines[0] ?? '', /^warn .*it cannot be used: a is no certificate; nobody can/);
  });

  it('ends with its signal, in the middle of a watch and before it ever read', async (t) => {
    const watching = await setUp(t, { reads: [give({ a: '1' })] });
    await until(() => watching.server.requests.length === 2);
    watching.stop();
    const reading = await setUp(t, { reads: [(): void => undefined] });
    await until(() => reading.server.requests.length === 1);
    reading.stop();
    await reading.started;
    assert.ok(!reading.watch.isSynced);
    for (const { server, log, clock } of [watching, reading]) {
      const asked = server.requests.length;
      await new Promise(setImmediate);
      assert.equal(server.requests.length, asked);
      assert.deepEqual([...log.lines, ...clock.sleeps], []);
    }
  });
});
