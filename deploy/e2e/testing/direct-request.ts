/**
 * One request on a TLS connection of its own, with the headers and the certificate that a test wants: what no well-behaved
 * client sends. The server's certificate is checked only where a CA is given.
 */
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import type { KeyPair } from '../cluster/pki.ts';

/** Names and values; a name may be repeated. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** A request. */
export interface DirectRequest {
  /** The loopback port it goes to. */
  readonly port: number;
  readonly path: string;
  readonly headers?: RawHeaders;
  /** The client certificate that is shown; none where it is left out. */
  readonly pair?: KeyPair | undefined;
  /** Node's own options for the connection. */
  readonly connect?: ConnectionOptions;
}

/** What came back, and of the connection what a test may want to know. */
export interface DirectAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly protocol: string | null;
  readonly isResumed: boolean;
  /** The session that the server offered last, to be resumed by another connection. */
  readonly session: Buffer | undefined;
}

/** An answer of which only the head has been read; its connection is the caller's to end. */
export interface OpenAnswer {
  readonly response: IncomingMessage;
  readonly socket: TLSSocket;
  readonly session: () => Buffer | undefined;
}

/** Sends a request and waits for the head of its answer. */
export async function openDirect({
  port,
  path,
  headers = [],
  pair,
  connect: options = {},
}: DirectRequest): Promise<OpenAnswer> {
  const identity =
    pair === undefined ? {} : { cert: await readFile(pair.cert), key: await readFile(pair.key) };
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: options.ca !== undefined,
    ...identity,
    ...options,
  });
  let session: Buffer | undefined;
  socket.on('session', (offered: Buffer) => (session = offered));
  await once(socket, 'secureConnect');
  const raw = headers.flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ createConnection: () => socket, path, headers: ['Host', `localhost:${port}`, ...raw] }, resolve)
    .on('error', reject)
    .end();
  return { response: await promise, socket, session: () => session };
}

/** Sends a request and reads its whole answer. */
export async function askDirect(direct: DirectRequest): Promise<DirectAnswer> {
  const { response, socket, session } = await openDirect(direct);
  try {
    const body = await text(response);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      body,
      protocol: socket.getProtocol(),
      isResumed: socket.isSessionReused(),
      session: session(),
    };
  } finally {
    socket.destroy();
  }
}

/** The SHA-256 fingerprint of the certificate that a new connection is shown. */
export async function shownCertificate(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
