/**
 * The listener: an app becomes a server, and a server ends without cutting off an answer.
 *
 * States: listening; closing (no new connection, every answer says `Connection: close`, the answers under way are
 * finished); closed (all connections gone, those that outlast `drainMs` by force).
 */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { renderJson } from './render.ts';

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

/** Where to listen. Port 0 takes a free one. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** How long closing waits for answers under way. */
  readonly drainMs?: number;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it can be reached, without a slash at its end. */
  readonly url: string;
  /** Stops listening and resolves once the last connection is gone. Calling it again waits for the same end. */
  close(): Promise<void>;
}

/** Listens. Rejects where the address is not to be had. */
export async function startServer(app: Koa, options: ListenOptions): Promise<RunningServer> {
  const handle = app.callback();
  const underWay = new Set<ServerResponse>();
  let closing = false;
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: REQUEST_ARRIVES_MS,
      requestTimeout: REQUEST_ARRIVES_MS,
    },
    (request, response) => {
      underWay.add(response);
      response.once('close', () => {
        underWay.delete(response);
        if (closing) server.closeIdleConnections();
      });
      if (closing) response.setHeader('Connection', 'close');
      void handle(request, response);
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswering = [...underWay].some((response) => response.socket === socket);
    refuse(error, socket, isAnswering);
  });
  await listen(server, options);

  const drain = async (): Promise<void> => {
    closing = true;
    for (const response of underWay) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    const limit = setTimeout(() => server.closeAllConnections(), options.drainMs ?? DRAIN_MS);
    await promise;
    clearTimeout(limit);
  };
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server.address()),
    close() {
      closed ??= drain();
      return closed;
    },
  };
}

async function listen(server: Server, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  await promise;
  server.off('error', reject);
}

function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string')
    throw new TypeError('the server does not listen on TCP');
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

const MALFORMED: Readonly<Record<string, readonly [code: number, phrase: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    `the request's headers are larger than ${HEADER_BYTES_MAX} bytes`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'Request Timeout',
    `the request did not arrive within ${REQUEST_ARRIVES_MS / 1000} s`,
  ],
};

/** What is not HTTP never reaches the app; it gets a Status all the same, but never in the middle of another answer. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, isAnswering: boolean): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const [code, phrase, message] = MALFORMED[error.code ?? ''] ?? [
    400,
    'Bad Request',
    'the request is not HTTP/1.1',
  ];
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
  const body = renderJson(status, false);
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
