/**
 * Requests to the cluster's API server over connections that are kept.
 *
 * The calls of @kubernetes/client-node make a new connection, with its TLS handshake, for each request; so its KubeConfig
 * says how to connect and undici does it.
 *
 * States: without access, until the first request; with access, which is read anew each minute (as client-go does) and at
 * once when the API server no longer knows us. Connections are made anew only where their server or certificates changed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import { messageOf } from '../../model/message-of.ts';
import { systemClock, type Clock } from './backoff.ts';
import { ClusterError, systemCode } from './cluster-error.ts';
import type { ApiServerAccess, KubeConfigSource } from './kube-config.ts';

/** As long as client-go keeps a token that it read from a file. Source: k8s.io/client-go/transport/token_source.go. */
const ACCESS_TTL_MS = 60_000;
/** Beyond these, requests wait for each other. */
const CONNECTIONS_MAX = 32;
/** How much of an answer that is not wanted is read, so that its connection can be used again. */
const REFUSAL_BYTES_MAX = 65_536;
/** kube-apiserver closes idle connections after 90 s. */
const KEEP_ALIVE_MS = 80_000;

/** One request. */
export interface ClusterRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** Gives the request up, and the body of its answer too. */
  readonly signal: AbortSignal;
}

/** The head of an answer; its body is to be read to its end. */
interface ClusterResponse {
  readonly status: number;
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Dispatcher.ResponseData['body'];
}

/** What a connection needs to know. */
interface ClusterConnectionOptions {
  readonly kubeConfig: Pick<KubeConfigSource, 'read'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly clock?: Clock;
}

interface Open {
  readonly access: ApiServerAccess;
  readonly dispatcher: Dispatcher;
}

/** The connections to one API server as one identity. */
export class ClusterConnection {
  readonly #kubeConfig: Pick<KubeConfigSource, 'read'>;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #clock: Clock;
  #open: Open | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  /** What was wrong the last time; it is logged when it changes. */
  #problem: string | undefined;
  #opening: Promise<Open> | undefined;

  constructor({ kubeConfig, logger, clock = systemClock }: ClusterConnectionOptions) {
    this.#kubeConfig = kubeConfig;
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * Sends a request.
   * @throws ClusterError where there is no answer; any answer is returned, whatever its status
   */
  async request(request: ClusterRequest): Promise<ClusterResponse> {
    try {
      const open = await abortable(this.#current(), request.signal);
      const response = await send(open, request);
      if (response.status !== 401) return response;
      const renewed = await abortable(this.#renew(), request.signal);
      if (renewed.access === open.access) return response;
      await response.body.dump({ limit: REFUSAL_BYTES_MAX, signal: request.signal });
      return await send(renewed, request);
    } catch (error) {
      throw asClusterError(error, request);
    }
  }

  /** Closes all connections when the requests on them have ended. */
  async close(): Promise<void> {
    await this.#open?.dispatcher.close();
  }

  async #current(): Promise<Open> {
    const isFresh = this.#clock.now() - this.#readMs < ACCESS_TTL_MS;
    return this.#open !== undefined && isFresh ? this.#open : this.#renew();
  }

  async #renew(): Promise<Open> {
    this.#opening ??= this.#read().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #read(): Promise<Open> {
    const before = this.#open;
    this.#readMs = this.#clock.now();
    try {
      const access = await this.#kubeConfig.read();
      this.#problem = undefined;
      if (before !== undefined && isDeepStrictEqual(access, before.access)) return before;
      const isSameEnd = before !== undefined && isSameTransport(access, before.access);
      const dispatcher = isSameEnd ? before.dispatcher : createDispatcher(access);
      this.#open = { access, dispatcher };
      if (!isSameEnd) closeLater(before?.dispatcher);
      return this.#open;
    } catch (error) {
      // A file that is missing in the middle of its rotation: what was good a minute ago most likely still is.
      if (before === undefined || !(error instanceof ClusterError)) throw error;
      if (error.message !== this.#problem)
        this.#logger.warn(`${error.message}; what was read before is still used`);
      this.#problem = error.message;
      return before;
    }
  }
}

function isSameTransport(a: ApiServerAccess, b: ApiServerAccess): boolean {
  return a.server === b.server && a.proxyUrl === b.proxyUrl && isDeepStrictEqual(a.tls, b.tls);
}

/** Lets the requests on old connections end, a watch among them, without waiting for them. */
function closeLater(dispatcher: Dispatcher | undefined): void {
  // What closing could complain of concerns requests that fail by themselves.
  dispatcher?.close().catch(() => undefined);
}

function createDispatcher({ tls, proxyUrl }: ApiServerAccess): Dispatcher {
  // One request a connection, and no HTTP/2: a stalled connection then stalls one request.
  const pool = { connections: CONNECTIONS_MAX, keepAliveTimeout: KEEP_ALIVE_MS, allowH2: false };
  if (proxyUrl === undefined) return new Agent({ ...pool, connect: tls });
  if (/^https?:/.test(proxyUrl)) return new ProxyAgent({ ...pool, uri: proxyUrl, requestTls: tls });
  throw new ClusterError('CLUSTER_CONFIG', 'the proxy-url of the cluster is no HTTP proxy; use one, or none');
}

async function send({ access, dispatcher }: Open, request: ClusterRequest): Promise<ClusterResponse> {
  const { method, path, headers = {}, body, signal } = request;
  const base = new URL(access.server);
  const prefix = base.pathname === '/' ? '' : base.pathname;
  const response = await dispatcher.request({
    origin: base.origin,
    path: `${prefix}${path}`,
    method,
    headers: {
      'user-agent': 'kubeprovenance',
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
      ...access.headers,
    },
    body: body ?? null,
    signal,
  });
  return { status: response.statusCode, headers: response.headers, body: response.body };
}

/** What was thrown while a request was sent or its answer read, in our terms; a defect of the program stays as it is. */
export function asClusterError(
  error: unknown,
  { method, path, signal }: Pick<ClusterRequest, 'method' | 'path' | 'signal'>,
): unknown {
  if (error instanceof ClusterError) return error;
  const what = `${method} ${path.replace(/\?.*/s, '')}`;
  if (signal.aborted) {
    return new ClusterError('CLUSTER_TIMEOUT', `kube-apiserver did not answer ${what} in time`, {
      cause: error,
    });
  }
  if (systemCode(error) === undefined) return error;
  return new ClusterError(
    'CLUSTER_UNREACHABLE',
    `kube-apiserver did not answer ${what}: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}

/** The promise's value, or the signal's reason as soon as it is aborted: an exec plugin knows no timeout. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
