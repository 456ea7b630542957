import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { createClusterClient } from './cluster-client.ts';
import { ClusterResources } from './cluster-resources.ts';
import {
  connectTo,
  sendJson,
  startFakeApiServer,
  TestClock,
  TestLog,
  until,
  type FakeApiServer,
} from './testing/fake-api-server.ts';

type Documents = Record<string, unknown>;

interface Setup {
  readonly server: FakeApiServer;
  readonly resources: ClusterResources;
  readonly log: TestLog;
  readonly clock: TestClock;
  readonly stop: () => void;
  readonly start: () => Promise<void>;
}

/** A server of documents by path; a number is a status, and what is not there is 404. @param sleepsMax see TestClock */
async function setUp(t: TestContext, documents: () => Documents, sleepsMax = 0): Promise<Setup> {
  const server = await startFakeApiServer(t, ({ path, headers }, response) => {
    sendDocument(response, documents()[path] ?? 404, headers['if-none-match']);
  });
  const clock = new TestClock(sleepsMax);
  const log = new TestLog();
  const resources = new ClusterResources({
    // Its own clock: the waits of retries are not the waits of refreshing.
    client: createClusterClient(connectTo(t, server.url), { clock: new TestClock() }),
    logger: log,
    clock,
  });
  const stop = new AbortController();
  t.after(() => stop.abort());
  const start = async (): Promise<void> => resources.start(stop.signal);
  return { server, resources, log, clock, start, stop: () => stop.abort() };
}

function sendDocument(response: ServerResponse, document: unknown, known: string | undefined): void {
  if (typeof document === 'number') return sendJson(response, document, { kind: 'Status', message: 'no' });
  const etag = `"${Buffer.from(JSON.stringify(document)).toString('base64').slice(-40)}"`;
  if (known !== etag) return sendJson(response, 200, document, { ETag: etag });
  response.writeHead(304, { ETag: etag });
  response.end();
}

function resource(name: string, kind: string, scope = 'Namespaced'): unknown {
  return { resource: name, scope, responseKind: { group: '', version: '', kind }, verbs: ['get'] };
}

function group(
  name: string,
  ...versions: readonly { version: string; resources?: readonly unknown[] }[]
): unknown {
  const items = versions.map(({ version, resources }) => {
    return resources ? { version, freshness: 'Current', resources } : { version, freshness: 'Stale' };
  });
  return { metadata: { name }, versions: items };
}

function aggregated(...items: readonly unknown[]): unknown {
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

const DEPLOYMENTS = resource('deployments', 'Deployment');
const CORE = aggregated(
  group('', {
    version: 'v1',
    resources: [resource('nodes', 'Node', 'Cluster'), resource('events', 'Event')],
  }),
);
const AGGREGATED: Documents = {
  '/api': CORE,
  '/apis': aggregated(
    group(
      'apps',
      { version: 'v1', resources: [DEPLOYMENTS] },
      { version: 'v1beta1', resources: [DEPLOYMENTS] },
    ),
    group('events.k8s.io', { version: 'v1', resources: [resource('events', 'Event')] }),
    group('metrics.k8s.io', { version: 'v1beta1', resources: [resource('nodes', 'NodeMetrics', 'Cluster')] }),
    group('kubeprovenance.cloudark.io', { version: 'v1', resources: [resource('objecthistories', 'X')] }),
    group('custom.metrics.k8s.io', {
      version: 'v1',
      resources: [{ resource: 'pods', scope: 'Namespaced', responseKind: { kind: '' }, verbs: null }],
    }),
  ),
};

const NODES = { group: '', resource: 'nodes', kind: 'Node', namespaced: false };
const EVENTS = [
  { group: '', resource: 'events', kind: 'Event', namespaced: true },
  { group: 'events.k8s.io', resource: 'events', kind: 'Event', namespaced: true },
];
const ALL = [
  { group: 'apps', resource: 'deployments', kind: 'Deployment', namespaced: true },
  ...EVENTS,
  NODES,
];

describe('The resource types of a cluster', () => {
  it('are read from aggregated discovery, less ours, metrics, and what only has subresources', async (t) => {
    const { resources, server, start, log } = await setUp(t, () => AGGREGATED);
    assert.deepEqual([resources.all(), resources.resourcesNamed('nodes')], [[], []]);
    await start();
    assert.deepEqual(resources.all(), ALL);
    assert.deepEqual(resources.resourcesNamed('events'), EVENTS);
    assert.deepEqual(resources.resourcesNamed('constructor'), []);
    assert.deepEqual(server.requests.map(({ path }) => path).toSorted(), ['/api', '/apis']);
    assert.equal(
      server.requests[0]?.headers.accept,
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
        'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
    );
    assert.deepEqual(log.lines, []);
  });

  it('are asked for by their ETag each minute', async (t) => {
    const { resources, server, start, clock, stop } = await setUp(t, () => AGGREGATED, 2);
    await start();
    await until(() => clock.sleeps.length === 3);
    stop();
    assert.deepEqual(clock.sleeps, [60_000, 60_000, 60_000]);
    assert.equal(server.requests.length, 6);
    const etags = server.requests.map(({ headers }) => headers['if-none-match']);
    assert.equal(etags.filter((etag) => etag === undefined).length, 2);
    assert.deepEqual(resources.all(), ALL);
  });

  it('come and go with the cluster’s', async (t) => {
    let apis = aggregated(group('a', { version: 'v1', resources: [resource('as', 'A')] }));
    const { resources, clock, start } = await setUp(t, () => ({ '/api': CORE, '/apis': apis }));
    await start();
    assert.equal(resources.resourcesNamed('as').length, 1);
    apis = aggregated(group('b', { version: 'v1', resources: [resource('bs', 'B')] }));
    clock.time += 5000;
    await resources.refresh();
    assert.deepEqual([resources.resourcesNamed('as').length, resources.resourcesNamed('bs').length], [0, 1]);
  });

  it('of a group whose server does not answer stay as they were', async (t) => {
    let apis = aggregated(
      group('a', { version: 'v1', resources: [resource('as', 'A')] }),
      group('b', { version: 'v1', resources: [resource('bs', 'B')] }),
    );
    const { resources, clock, start } = await setUp(t, () => ({ '/api': CORE, '/apis': apis }));
    await start();
    for (let count = 0; count < 2; count += 1) {
      apis = aggregated(group('a', { version: 'v1' }), group('b', { version: 'v1', resources: [] }), count);
      clock.time += 5000;
      await resources.refresh();
      assert.deepEqual(
        [resources.resourcesNamed('as').length, resources.resourcesNamed('bs').length],
        [1, 0],
      );
    }
  });

  it('are read one by one where there is no aggregated discovery', async (t) => {
    const documents: Documents = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/api/v1': {
        kind: 'APIResourceList',
        resources: [
          { name: 'nodes', namespaced: false, kind: 'Node' },
          { name: 'nodes/status', namespaced: false, kind: 'Node' },
          { name: 'events', namespaced: true, kind: 'Event' },
        ],
      },
      '/apis': {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'apps',
            versions: [{ version: 'v1beta1' }, { version: 'v1' }],
            preferredVersion: { version: 'v1' },
          },
          { name: 'events.k8s.io', versions: [{ version: 'v1' }] },
        ],
      },
      '/apis/apps/v1': {
        kind: 'APIResourceList',
        resources: [{ name: 'deployments', namespaced: true, kind: 'Deployment' }],
      },
      '/apis/apps/v1beta1': {
        kind: 'APIResourceList',
        resources: [{ name: 'deployments', namespaced: false, kind: 'OfOld' }],
      },
      '/apis/events.k8s.io/v1': {
        kind: 'APIResourceList',
        resources: [{ name: 'events', namespaced: true, kind: 'Event' }],
      },
    };
    const { resources, clock, start, log } = await setUp(t, () => documents);
    await start();
    assert.deepEqual(resources.all(), ALL);
    documents['/apis/apps/v1'] = 503;
    documents['/apis/events.k8s.io/v1'] = { kind: 'APIResourceList', resources: [] };
    clock.time += 5000;
    await resources.refresh();
    assert.deepEqual(
      resources.all(),
      ALL.filter((type) => type.group !== 'events.k8s.io'),
    );
    assert.deepEqual(log.lines, []);
  });

  it('are kept where the cluster cannot be asked, which is said once, as is that it can be again', async (t) => {
    let documents: Documents = AGGREGATED;
    const { resources, start, log, clock } = await setUp(t, () => documents);
    await start();
    documents = {};
    for (let count = 0; count < 3; count += 1) {
      clock.time += 5000;
      await resources.refresh();
    }
    assert.deepEqual(resources.all(), ALL);
    assert.equal(log.lines.length, 1);
    assert.match(
      log.lines[0] ?? '',
      /^warn .*not kept fresh: kube-apiserver answered GET \/api with 404: no$/,
    );
    documents = AGGREGATED;
    clock.time += 5000;
    await resources.refresh();
    assert.deepEqual(log.lines.slice(1), ["info the cluster's resource types are kept fresh again"]);
  });

  it('are asked for again sooner where that failed', async (t) => {
    let documents: Documents = { '/api': CORE, '/apis': { kind: 'APIVersionList' } };
    const { start, clock, stop, log } = await setUp(
      t,
      () => {
        if (clock.sleeps.length === 2) documents = AGGREGATED;
        return documents;
      },
      2,
    );
    await start();
    await until(() => clock.sleeps.length === 3);
    stop();
    assert.deepEqual(clock.sleeps, [1000, 2000, 60_000]);
    assert.match(log.lines[0] ?? '', /answered \/apis with what is no discovery$/);
  });

  it('are asked for early by who misses one, at most each 5 s, and by all at once together', async (t) => {
    const { resources, server, clock, start, stop } = await setUp(t, () => AGGREGATED);
    await resources.refresh();
    assert.equal(server.requests.length, 0, 'before the start');
    await start();
    clock.time += 4999;
    await resources.refresh();
    assert.equal(server.requests.length, 2, 'too early');
    clock.time += 1;
    await Promise.all([resources.refresh(), resources.refresh(), resources.refresh()]);
    assert.equal(server.requests.length, 4);
    stop();
    clock.time += 5000;
    await resources.refresh();
    assert.equal(server.requests.length, 4, 'after the end');
  });

  it('are waited for no longer than 2 s', async () => {
    const clock = new TestClock(0);
    const client = { readDocument: () => Promise.withResolvers<never>().promise };
    const resources = new ClusterResources({ client, logger: new TestLog(), clock });
    const stop = new AbortController();
    void resources.start(stop.signal);
    const refreshes = [resources.refresh(), resources.refresh()];
    assert.deepEqual(clock.sleeps, [2000, 2000]);
    let isOver = false;
    const all = Promise.all(refreshes).then(() => (isOver = true));
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    clock.wake();
    await all;
    stop.abort();
  });

  it('may be read again after a defect of the program, which is an error in the log', async (t) => {
    const clock = new TestClock(1);
    const log = new TestLog();
    const client = { readDocument: () => Promise.reject(new TypeError('it is not a function')) };
    const resources = new ClusterResources({ client, logger: log, clock });
    const stop = new AbortController();
    t.after(() => stop.abort());
    await resources.start(stop.signal);
    await until(() => clock.sleeps.length === 2);
    clock.time += 5000;
    await resources.refresh();
    assert.deepEqual(clock.sleeps.slice(0, 2), [1000, 2000]);
    assert.deepEqual(
      log.lines.filter((line) => line.startsWith('warn ')),
      ["warn the cluster's resource types are not kept fresh: it is not a function"],
    );
    assert.ok(log.lines.includes('error reading /apis failed'));
  });
});
