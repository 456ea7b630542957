/**
 * Looks at our server over and over while it reads a large log: whether kube-apiserver finds it available, how fast discovery
 * answers, and what data routes say of how far they are.
 */
import type { ApiClient, ApiResponse } from '../cluster/api-client.ts';
import type { Availability } from '../cluster/api-service.ts';
import { sleep } from '../cluster/processes.ts';
import { itemsOf, itemWith, pick } from './pick.ts';
import { API_PATH, type ProvenanceCluster } from './provenance-cluster.ts';
import type { ReplayLog } from './replay-log.ts';

const GROUP = 'kubeprovenance.cloudark.io';
const INTERVAL_MS = 100;
/** Far more than is read in an interval. */
const LITTLE_BYTES = 100_000_000;
const REPLAY_MS_MAX = 300_000;
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const READING = /^299 - "still reading: ([0-9]+) bytes /;

/** One look. All that is in it was seen while the log was still being read. */
export interface ReplaySample {
  readonly availability: Availability;
  /** What kube-apiserver tells of our group in its own discovery: Current, Stale, or nothing yet. */
  readonly freshness: string | undefined;
  /** Of `/apis/G/v1` and of `/apis` as kube-aggregator asks for it, from our own port. */
  readonly discovery: readonly { readonly status: number; readonly ms: number }[];
  /** A data route, through kube-apiserver. */
  readonly data: {
    readonly status: number;
    readonly ms: number;
    readonly bytesBehindSaid: number | undefined;
  };
}

/** Looks until the log has been read to its end. */
export async function watchReplay(at: ProvenanceCluster, logPath: string): Promise<readonly ReplaySample[]> {
  const direct = await at.direct();
  const samples: ReplaySample[] = [];
  const endMs = performance.now() + REPLAY_MS_MAX;
  for (;;) {
    const availability = await at.apiService.availability();
    const freshness = await freshnessOfUs(at);
    const list = await timed(direct, API_PATH);
    const aggregated = await timed(direct, '/apis', AGGREGATED);
    const data = await timed(
      at.cluster.unaudited.client,
      `${API_PATH}/namespaces/default/activities?limit=5`,
    );
    // Asked last: what still is behind now was behind all the time.
    const bytesBehind = await behind(direct, logPath);
    if (bytesBehind === 0) return samples;
    samples.push({
      availability,
      freshness,
      discovery: [list, aggregated].map(({ status, ms }) => ({ status, ms })),
      data: { status: data.status, ms: data.ms, bytesBehindSaid: bytesBehindSaid(data) },
    });
    if (performance.now() > endMs)
      throw new Error(`the log has not been read: ${bytesBehind} bytes are left`);
    await sleep(INTERVAL_MS);
  }
}

/** Lets a log grow whenever little of it is left to read, until something else is done. */
export async function keepBehind(direct: ApiClient, log: ReplayLog, other: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  const done = other.finally(() => enough.abort());
  while (!enough.signal.aborted) {
    if ((await behind(direct, log.path)) < LITTLE_BYTES) await log.grow();
    await sleep(INTERVAL_MS);
  }
  await done;
}

/** How many bytes of a log our server has not read yet. */
export async function behind(direct: ApiClient, logPath: string): Promise<number> {
  const body = await direct.expect({ method: 'GET', path: `${API_PATH}/sources` });
  const bytes = pick(itemWith(itemsOf(body), 'name', logPath), 'bytesBehind');
  if (typeof bytes !== 'number') throw new Error(`${logPath} is no source: ${JSON.stringify(body)}`);
  return bytes;
}

async function freshnessOfUs(at: ProvenanceCluster): Promise<string | undefined> {
  const headers = { accept: AGGREGATED };
  const body = await at.cluster.unaudited.client.expect({ method: 'GET', path: '/apis', headers });
  const ours = itemsOf(body).find((group) => pick(group, 'metadata', 'name') === GROUP);
  const freshness = pick(ours, 'versions', 0, 'freshness');
  return typeof freshness === 'string' ? freshness : undefined;
}

function bytesBehindSaid({ headers }: ApiResponse): number | undefined {
  const said = READING.exec(String(headers['warning']))?.[1];
  return said === undefined ? undefined : Number(said);
}

async function timed(
  client: ApiClient,
  path: string,
  accept = 'application/json',
): Promise<ApiResponse & { readonly ms: number }> {
  const start = performance.now();
  const response = await client.send({ method: 'GET', path, headers: { accept } });
  return { ...response, ms: performance.now() - start };
}
