/**
 * The ConfigMap `extension-apiserver-authentication`, kept fresh: whom to trust as a front proxy and as a client.
 * Source: k8s.io/apiserver/pkg/server/options/authentication.go.
 *
 * It goes in rounds: read, then watch from what was read until the server ends the watch after a minute, then again. So a
 * watch that was cut, has expired (410) or has silently stalled heals by the next read, and there is no other path to test.
 *
 * States: not synced, until the ConfigMap has been read and applied once; synced, for good. What is known is kept where a
 * later read fails, and also where the ConfigMap is deleted, as upstream does.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { stringMember } from '../../model/json.ts';
import { messageOf } from '../../model/message-of.ts';
import { decodeConfigMap, type ConfigMap } from './answers.ts';
import { Backoff, systemClock, type Clock } from './backoff.ts';
import type { ClusterClient } from './cluster-client.ts';
import { ClusterError } from './cluster-error.ts';

/** The ConfigMap that each API server of a cluster publishes for its extensions. */
const AUTHENTICATION_CONFIG_MAP = {
  namespace: 'kube-system',
  name: 'extension-apiserver-authentication',
} as const;

/** How long a watch goes on before the ConfigMap is read again. */
const ROUND_MS = 60_000;
/** How much longer the server may take to end a watch, before it counts as stalled. */
const GRACE_MS = 5000;
/** Source of the first two: k8s.io/client-go/tools/cache/reflector.go. A change is thus seen after 30 s at the latest. */
const BACKOFF = { initialMs: 800, factor: 2, jitter: 0.2, maxMs: 25_000 };

/** What a watch needs. */
interface AuthenticationConfigOptions {
  readonly client: Pick<ClusterClient, 'readConfigMap' | 'watchConfigMap'>;
  /**
   * Takes the data, at the start and when it has changed. What it throws says that the data cannot be used: what was
   * applied before then stays, and the same data is tried again at the next read.
   */
  readonly apply: (data: Readonly<Record<string, string>>) => void;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock?: Clock;
  readonly roundMs?: number;
  readonly graceMs?: number;
}

/** Follows the ConfigMap. */
export class AuthenticationConfigWatch {
  readonly #options: AuthenticationConfigOptions;
  readonly #clock: Clock;
  readonly #roundMs: number;
  readonly #first = Promise.withResolvers<void>();
  #applied: ConfigMap['data'] | undefined;
  /** What was wrong the last time; it is logged when it changes. */
  #problem: string | undefined;

  constructor(options: AuthenticationConfigOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#roundMs = options.roundMs ?? ROUND_MS;
  }

  /** Whether the ConfigMap has been applied once: before, nobody can be told from anybody else. */
  get isSynced(): boolean {
    return this.#applied !== undefined;
  }

  /**
   * Follows the ConfigMap until the signal is aborted; to be called once.
   * @returns when it has been applied for the first time, which may be never; after an abort, at once
   */
  async start(signal: AbortSignal): Promise<void> {
    void this.#follow(signal).finally(this.#first.resolve);
    await this.#first.promise;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(BACKOFF, this.#clock.random);
    while (!signal.aborted) {
      const startMs = this.#clock.now();
      try {
        await this.#round(signal);
      } catch (error) {
        if (signal.aborted) return;
        // A defect, but not one for which the process should stop answering.
        if (!(error instanceof ClusterError))
          this.#options.logger.error({ err: error }, `following ${NAME} failed`);
        this.#report(messageOf(error));
      }
      // A watch that lasted has ended by itself; whatever else ended is not asked for at once again.
      const lasted = this.#clock.now() - startMs >= this.#roundMs / 2;
      if (lasted) backoff.reset();
      else await this.#clock.sleep(backoff.next(), signal);
    }
  }

  /** Reads, then watches until the watch ends in whichever way. */
  async #round(signal: AbortSignal): Promise<void> {
    const { client, graceMs = GRACE_MS } = this.#options;
    const { resourceVersion, data } = await client.readConfigMap(AUTHENTICATION_CONFIG_MAP, signal);
    this.#apply(data);
    const over = AbortSignal.timeout(this.#roundMs + graceMs);
    const events = client.watchConfigMap(AUTHENTICATION_CONFIG_MAP, {
      resourceVersion,
      timeoutSeconds: Math.max(1, Math.round(this.#roundMs / 1000)),
      signal: AbortSignal.any([signal, over]),
    });
    try {
      for await (const { type, object } of events) {
        if (stringMember(object, 'kind') === 'Status') return; // Most likely it has expired: 410.
        if (type === 'ADDED' || type === 'MODIFIED') this.#apply(decodeConfigMap(object).data);
        else if (type === 'DELETED') this.#report('it was deleted');
      }
    } catch (error) {
      // A stalled watch is no problem yet: the next read says whether there is one.
      if (!over.aborted) throw error;
    }
  }

  #apply(data: ConfigMap['data']): void {
    if (this.#applied === undefined || !isDeepStrictEqual(data, this.#applied)) {
      try {
        this.#options.apply(data);
      } catch (error) {
        throw new ClusterError('CLUSTER_ANSWER', `it cannot be used: ${messageOf(error)}`, { cause: error });
      }
      this.#applied = data;
      this.#first.resolve();
    }
    this.#reportNoProblem();
  }

  #report(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const kept = this.isSynced
      ? 'what was read before stays in force'
      : 'nobody can be authenticated until it is read';
    this.#options.logger.warn(`the ConfigMap ${NAME} is not kept fresh: ${problem}; ${kept}`);
  }

  #reportNoProblem(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#options.logger.info(`the ConfigMap ${NAME} is kept fresh again`);
  }
}

const NAME = `${AUTHENTICATION_CONFIG_MAP.namespace}/${AUTHENTICATION_CONFIG_MAP.name}`;
