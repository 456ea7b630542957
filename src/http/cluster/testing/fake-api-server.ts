/** An API server that says what a test wants, and a clock that a test moves. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Clock } from '../backoff.ts';
import { ClusterConnection } from '../cluster-connection.ts';
import { KubeConfigSource } from '../kube-config.ts';

/** What a client sent. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that is asked by a test's client. */
export interface FakeApiServer {
  readonly url: string;
  /** All requests, in their order. */
  readonly requests: readonly FakeRequest[];
  /** How many connections were made. */
  readonly connections: () => number;
}

/** Serves until the test ends. */
export async function startFakeApiServer(
  t: TestContext,
  answer: (request: FakeRequest, response: ServerResponse) => void,
): Promise<FakeApiServer> {
  const requests: FakeRequest[] = [];
  let connections = 0;
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const { pathname: path, searchParams: query } = new URL(url, 'http://fake');
    const received = { method, path, query, headers, body: await text(request) };
    requests.push(received);
    answer(received, response);
  };
  // A handler that fails fails the test: nobody handles the rejection.
  const server = createServer((request, response) => void receive(request, response));
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server.address())}`, requests, connections: () => connections };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server');
  return address.port;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, code: number, value: unknown, headers = {}): void {
  response.writeHead(code, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubeprovenance-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The text of a kubeconfig for a server without TLS. */
export function kubeConfigText(server: string, user: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

/** A connection to a server, until the test ends. */
export function connectTo(t: TestContext, server: string): ClusterConnection {
  const path = join(temporaryFolder(t), 'kubeconfig');
  writeFileSync(path, kubeConfigText(server, { token: 'secret-token' }));
  const kubeConfig = new KubeConfigSource({ path, flag: '--kubeconfig' });
  return new ClusterConnection({ kubeConfig, logger: new TestLog() });
}

/** A clock that stands still but while somebody sleeps: then it goes on at once. */
export class TestClock implements Clock {
  /** Milliseconds. */
  time = 1000;
  /** How long every sleep was, in milliseconds. */
  readonly sleeps: number[] = [];
  /** Beyond so many sleeps nobody wakes up, other than by the signal. */
  readonly #sleepsMax: number;
  #woken = Promise.withResolvers<void>();

  constructor(sleepsMax = Number.POSITIVE_INFINITY) {
    this.#sleepsMax = sleepsMax;
  }

  readonly now = (): number => this.time;
  readonly random = (): number => 0;
  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.sleeps.push(ms);
    if (this.sleeps.length <= this.#sleepsMax) {
      this.time += ms;
      await new Promise(setImmediate);
    } else if (!signal.aborted) await Promise.race([once(signal, 'abort'), this.#woken.promise]);
  };

  /** Wakes up all who sleep. */
  wake(): void {
    this.#woken.resolve();
    this.#woken = Promise.withResolvers();
  }
}

/** What was logged, as `level message`. */
export class TestLog {
  readonly lines: string[] = [];
  readonly info = (message: string): void => void this.lines.push(`info ${message}`);
  readonly warn = (message: string): void => void this.lines.push(`warn ${message}`);
  readonly error = (...given: readonly unknown[]): void =>
    void this.lines.push(`error ${String(given.at(-1))}`);
}

/** Waits until something is so; a test that waits in vain is ended by the runner. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}
