/** Requests over TLS, with or without a certificate, with headers as they are on the wire. */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import type { ClientRequestArgs, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import type { IssuedCertificate } from './certificates.ts';

/** Names and values, repeated names included. Values are UTF-8 text. */
export type RawHeaders = readonly (readonly [name: string, value: string])[];

/** A client that keeps its connection and never checks the server's certificate, unless it is given a CA to check by. */
export interface TlsClient {
  readonly ask: (headers?: RawHeaders) => Promise<TlsAnswer>;
}

/** What came back. */
export interface TlsAnswer {
  readonly code: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The connection it came on. */
  readonly socket: TLSSocket;
}

/** How a client connects. */
export interface TlsClientOptions {
  readonly identity?: IssuedCertificate | undefined;
  /** Node's own options for the connection. */
  readonly connect?: Agent['options'];
}

/** A client of a server, for one test. */
export function tlsClient(t: TestContext, url: string, options: TlsClientOptions = {}): TlsClient {
  const { identity, connect = {} } = options;
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 1,
    rejectUnauthorized: false,
    ...(identity && { cert: identity.certPem, key: identity.keyPem }),
    ...connect,
  });
  t.after(() => agent.destroy());
  return {
    async ask(headers = []) {
      const { port, hostname } = new URL(url);
      const raw = headers.flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
      const args: ClientRequestArgs = { hostname, port, headers: ['Host', 'localhost', ...raw] };
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      request({ ...args, agent }, resolve)
        .on('error', reject)
        .end();
      const response = await promise;
      const { socket } = response;
      assert.ok(socket instanceof TLSSocket);
      return {
        code: response.statusCode ?? 0,
        headers: response.headers,
        body: await text(response),
        socket,
      };
    },
  };
}
