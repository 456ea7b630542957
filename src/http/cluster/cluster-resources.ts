/**
 * The resource types of the cluster, from its discovery: which groups have a plural, and whether it is namespaced.
 *
 * Invariants: nobody waits for the cluster to read what is known; what is known is replaced by what is newer and never
 * lost to a failure. A group whose server does not answer (`Stale`) keeps the types it had.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { JsonValue } from '../../model/json.ts';
import { messageOf } from '../../model/message-of.ts';
import { GROUP } from '../api-group.ts';
import { Backoff, systemClock, type Clock } from './backoff.ts';
import type { ClusterClient } from './cluster-client.ts';
import { ClusterError } from './cluster-error.ts';
import {
  decodeAggregated,
  decodeLegacyResources,
  decodeLegacyVersions,
  DISCOVERY_ACCEPT,
  type ClusterResource,
  type GroupVersion,
} from './discovery-documents.ts';

const REFRESH_MS = 60_000;
/** How often a miss may ask for what is newer. */
const EARLY_REFRESH_MS = 5000;
const BACKOFF = { initialMs: 1000, factor: 2, jitter: 0.2, maxMs: REFRESH_MS };
/** How long a miss may wait: what answers it is somebody's request. */
const WAIT_MS = 2000;
/** How many of the documents of old are asked for at a time. */
const LEGACY_REQUESTS_MAX = 8;

/** Ours, which are about others; and measurements, which are never stored and so have no history. */
const OTHER_GROUPS: ReadonlySet<string> = new Set([GROUP, 'metrics.k8s.io']);

/** The core group is served apart from all others. */
const ROOTS = ['/api', '/apis'] as const;
type Root = (typeof ROOTS)[number];

/** What a root said last. */
interface Known {
  readonly etag: string | undefined;
  readonly versions: readonly GroupVersion[];
}

/** What is needed to ask. */
interface ClusterResourcesOptions {
  readonly client: Pick<ClusterClient, 'readDocument'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock?: Clock;
}

/** The types, as they were last seen. */
export class ClusterResources {
  readonly #client: Pick<ClusterClient, 'readDocument'>;
  readonly #logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly #clock: Clock;
  readonly #known = new Map<Root, Known>();
  #signal: AbortSignal | undefined;
  #refreshing: Promise<void> | undefined;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #all: readonly ClusterResource[] = [];
  #byName: ReadonlyMap<string, readonly ClusterResource[]> = new Map();
  /** What was wrong the last time; it is logged when it changes. */
  #problem: string | undefined;

  constructor({ client, logger, clock = systemClock }: ClusterResourcesOptions) {
    this.#client = client;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** All types, sorted by plural and group. */
  all(): readonly ClusterResource[] {
    return this.#all;
  }

  /** The types that have this plural; several groups may. None where there is none, or nothing is known yet. */
  resourcesNamed(plural: string): readonly ClusterResource[] {
    return this.#byName.get(plural) ?? [];
  }

  /**
   * Asks the cluster now, for a caller that missed a type: at most each 5 s, and not before `start`.
   * @returns when what is known is as new as it will be, after 2 s at the latest; never rejects
   */
  async refresh(): Promise<void> {
    const isRecent = this.#clock.now() - this.#refreshedMs < EARLY_REFRESH_MS;
    if (this.#signal === undefined || (isRecent && this.#refreshing === undefined)) return;
    const done = new AbortController();
    const limit = this.#clock.sleep(WAIT_MS, AbortSignal.any([this.#signal, done.signal]));
    await Promise.race([this.#refreshOnce(this.#signal), limit]);
    done.abort();
  }

  /**
   * Keeps the types fresh until the signal is aborted; to be called once.
   * @returns when the cluster was asked for the first time, whether or not that went well
   */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const first = this.#refreshOnce(signal);
    void this.#keepFresh(first, signal);
    await first;
  }

  async #keepFresh(first: Promise<void>, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(BACKOFF, this.#clock.random);
    await first;
    while (!signal.aborted) {
      if (this.#problem === undefined) backoff.reset();
      await this.#clock.sleep(this.#problem === undefined ? REFRESH_MS : backoff.next(), signal);
      if (!signal.aborted) await this.#refreshOnce(signal);
    }
  }

  /** Refreshes, or waits for the refresh that is under way. */
  async #refreshOnce(signal: AbortSignal): Promise<void> {
    if (this.#refreshing === undefined) this.#refreshedMs = this.#clock.now();
    this.#refreshing ??= this.#refresh(signal).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const problems = await Promise.all(ROOTS.map((root) => this.#refreshRoot(root, signal)));
    if (signal.aborted) return;
    this.#index();
    this.#report(problems.find((problem) => problem !== undefined));
  }

  /** @returns what went wrong */
  async #refreshRoot(root: Root, signal: AbortSignal): Promise<string | undefined> {
    const before = this.#known.get(root);
    try {
      const document = await this.#client.readDocument(root, {
        accept: DISCOVERY_ACCEPT,
        etag: before?.etag,
        signal,
      });
      if (!document.changed) return undefined;
      const aggregated = decodeAggregated(document.value);
      const versions = aggregated ?? (await this.#readLegacy(root, document.value, signal));
      this.#known.set(root, {
        etag: aggregated === undefined ? undefined : document.etag,
        versions: versions.map((next) => withKnown(next, before?.versions ?? [])),
      });
      return undefined;
    } catch (error) {
      // A defect, but not one for which the process should stop answering.
      if (!(error instanceof ClusterError) && !signal.aborted)
        this.#logger.error({ err: error }, `reading ${root} failed`);
      return messageOf(error);
    }
  }

  /** One document for each version: from API servers before 1.26, and from those that have aggregation switched off. */
  async #readLegacy(root: Root, document: JsonValue, signal: AbortSignal): Promise<readonly GroupVersion[]> {
    const versions = decodeLegacyVersions(document);
    if (versions === undefined) {
      throw new ClusterError('CLUSTER_ANSWER', `kube-apiserver answered ${root} with what is no discovery`);
    }
    const read: GroupVersion[] = [];
    for (let from = 0; from < versions.length; from += LEGACY_REQUESTS_MAX) {
      const some = versions.slice(from, from + LEGACY_REQUESTS_MAX);
      read.push(...(await Promise.all(some.map((each) => this.#readLegacyVersion(each, signal)))));
    }
    return read;
  }

  async #readLegacyVersion(
    { group, version }: Omit<GroupVersion, 'resources'>,
    signal: AbortSignal,
  ): Promise<GroupVersion> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    try {
      const document = await this.#client.readDocument(path, {
        accept: 'application/json',
        etag: undefined,
        signal,
      });
      const resources = document.changed ? decodeLegacyResources(group, document.value) : undefined;
      return { group, version, resources };
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      return { group, version, resources: undefined }; // As stale: one server that is away does not hide the others.
    }
  }

  #index(): void {
    const types = new Map<string, ClusterResource>();
    for (const { versions } of this.#known.values()) {
      for (const type of versions.flatMap(({ resources }) => resources ?? [])) {
        const key = `${type.resource}/${type.group}`;
        if (!OTHER_GROUPS.has(type.group) && !types.has(key)) types.set(key, type);
      }
    }
    const sorted = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, type]) => type);
    if (isDeepStrictEqual(sorted, this.#all)) return;
    this.#all = sorted;
    this.#byName = Map.groupBy(sorted, ({ resource }) => resource);
  }

  #report(problem: string | undefined): void {
    if (problem === this.#problem) return;
    if (problem === undefined) this.#logger.info("the cluster's resource types are kept fresh again");
    else this.#logger.warn(`the cluster's resource types are not kept fresh: ${problem}`);
    this.#problem = problem;
  }
}

/** A version as it was known, where it is not known at the moment. */
function withKnown(next: GroupVersion, before: readonly GroupVersion[]): GroupVersion {
  if (next.resources !== undefined) return next;
  const known = before.find(({ group, version }) => group === next.group && version === next.version);
  return { ...next, resources: known?.resources };
}
