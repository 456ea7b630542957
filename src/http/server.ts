/**
 * The listener: an app becomes a server, plain or with TLS, and a server ends without cutting off an answer.
 *
 * States: listening; closing (no new connection, every answer says `Connection: close`, the answers under way are
 * finished); closed (all connections gone, those that outlast `drainMs` by force).
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import { Server as TcpServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type Koa from 'koa';
import { Connections } from './connections.ts';
import { refuseMalformed } from './malformed.ts';
import { secureContextOptions, type TlsCredentials } from './tls-options.ts';

/** kube-apiserver sends a user's groups as headers: 400 groups are more than Node's 16 KiB. */
const HEADER_BYTES_MAX = 256 * 1024;
/** kube-apiserver keeps idle connections for 90 s; whoever closes first must not be us, or requests get lost. */
const KEEP_ALIVE_MS = 95_000;
/**
 * How long a request may take to arrive. Node counts it from the connection's first moment, so it too must outlast the
 * 90 s for which kube-apiserver keeps a connection it has not used yet; and Node wants it no shorter than headersTimeout.
 */
const REQUEST_ARRIVES_MS = 100_000;
/** kube-apiserver cuts its requests after 60 s: an answer that is not out by then has no reader. */
const DRAIN_MS = 60_000;
/** How long a handshake may take. kube-apiserver itself gives up on one after 10 s. */
const HANDSHAKE_MS = 10_000;

/** How to serve TLS. */
export interface TlsOptions {
  readonly credentials: TlsCredentials;
  /** Told of each handshake that came to nothing; anybody who can connect can cause that at will. */
  readonly onHandshakeError?: (error: Error) => void;
  readonly handshakeMs?: number;
}

/** Where to listen. Port 0 takes a free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Without it, plain HTTP. */
  readonly tls?: TlsOptions;
  /** How long closing waits for answers under way. */
  readonly drainMs?: number;
  /**
   * How long closing keeps idle connections, for requests that are on their way already; those are answered, and told that
   * the connection ends. Without it idle connections end at once.
   */
  readonly lingerMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached, without a slash at its end. */
  readonly url: string;
  /**
   * New connections get these; old ones go on as they are.
   * @throws Error where the server is plain, or OpenSSL does not take them; those before stay
   */
  setCredentials(credentials: TlsCredentials): void;
  /** Stops listening and resolves once the last connection is gone. Calling it again waits for the same end. */
  close(): Promise<void>;
}

const HTTP_OPTIONS = {
  maxHeaderSize: HEADER_BYTES_MAX,
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: REQUEST_ARRIVES_MS,
  requestTimeout: REQUEST_ARRIVES_MS,
};

/** Listens. Rejects where the address is not to be had, or the credentials are none. */
export async function startServer(app: Koa, options: ListenOptions): Promise<RunningServer> {
  const handle = app.callback();
  const connections = new Connections();
  let ending: 'no' | 'lingering' | 'draining' = 'no';
  const respond: RequestListener = (request, response) => {
    connections.answer(response, () => {
      if (ending === 'draining') connections.endIdle();
    });
    if (ending !== 'no' || distrusted.has(request.socket)) response.setHeader('Connection', 'close');
    void handle(request, response);
  };
  const { tls } = options;
  const secure = tls === undefined ? undefined : secureServer(respond, connections, tls);
  const server = secure ?? plainServer(respond, connections);
  // By default Node drops what comes after 2000 headers, unsaid: a limit on what a user may do could be among it.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const canAnswer = connections.isOpen(socket) && socket.writable && !connections.isAnswering(socket);
    if (error.code === 'ECONNRESET' || !canAnswer) socket.destroy();
    else {
      const limits = { headerBytesMax: HEADER_BYTES_MAX, requestArrivesMs: REQUEST_ARRIVES_MS };
      refuseMalformed(error, socket, limits);
    }
  });
  await listen(server, options);

  const drain = async (): Promise<void> => {
    ending = 'lingering';
    for (const response of connections.answers()) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    // Not the close() of HTTP, which cuts what it takes for idle (connections.ts).
    TcpServer.prototype.close.call(server, () => resolve());
    await waitAtMost(closed, options.lingerMs ?? 0);
    ending = 'draining';
    connections.endIdle();
    await waitAtMost(closed, options.drainMs ?? DRAIN_MS);
    connections.cutAll();
    await closed;
    // Nothing is open any more: this only ends the timer with which HTTP looks after its connections.
    server.close();
  };
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server.address(), secure === undefined ? 'http' : 'https'),
    setCredentials(credentials) {
      if (secure === undefined) throw new TypeError('a plain server has no credentials');
      secure.setSecureContext(secureContextOptions(credentials));
    },
    close() {
      closed ??= drain();
      return closed;
    },
  };
}

function plainServer(respond: RequestListener, connections: Connections): Server {
  const server = createServer(HTTP_OPTIONS, respond);
  server.prependListener('connection', (socket: Socket) => connections.open(socket));
  return server;
}

/**
 * Every connection may show a certificate and none must: who shows none has other credentials or is anonymous, and whose
 * certificate is not good is told so by a Status, which a broken handshake could not.
 */
function secureServer(respond: RequestListener, connections: Connections, tls: TlsOptions): SecureServer {
  const server = createSecureServer(
    {
      ...HTTP_OPTIONS,
      ...secureContextOptions(tls.credentials),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: tls.handshakeMs ?? HANDSHAKE_MS,
    },
    respond,
  );
  server.prependListener('connection', (socket: Socket) => connections.beginHandshake(socket));
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    connections.open(socket);
    if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) distrusted.add(socket);
  });
  server.on('tlsClientError', (error: Error) => tls.onHandshakeError?.(error));
  return server;
}

/**
 * Connections with a certificate that was not good in the handshake. It never will be, even if its CA is trusted by now: so
 * such a connection ends after one answer, and its client comes back with a new handshake.
 */
const distrusted = new WeakSet<Socket>();

/** Waits for an event, but no longer than that. */
async function waitAtMost(event: Promise<void>, limitMs: number): Promise<void> {
  if (limitMs === 0) return;
  const stop = new AbortController();
  const limit = delay(limitMs, undefined, { signal: stop.signal }).catch(() => undefined);
  await Promise.race([event, limit]);
  stop.abort();
}

async function listen(server: Server | SecureServer, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  await promise;
  server.off('error', reject);
}

function urlOf(address: AddressInfo | string | null, scheme: 'http' | 'https'): string {
  if (address === null || typeof address === 'string')
    throw new TypeError('the server does not listen on TCP');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${scheme}://${host}:${address.port}`;
}
