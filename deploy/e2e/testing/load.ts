/**
 * Clients that ask without a pause, and note what became of every request.
 *
 * Each client has one request at a time. `requests` of a load only grows; a request is counted when its whole answer has been
 * read, or when it has failed.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { sleep } from '../cluster/processes.ts';

/** A server that refuses connections would be asked thousands of times a second. */
const AFTER_ERROR_MS = 20;

/** What became of one request. */
export interface Outcome {
  /** undefined where no answer began. */
  readonly status: number | undefined;
  /** The answer's head and all of its body came: as much as Content-Length said, or up to the last chunk. */
  readonly complete: boolean;
  readonly bodyBytes: number;
  /** The code of the error that ended it, if any, as in ECONNREFUSED. */
  readonly error: string | undefined;
  /** TLS stood when it ended. */
  readonly connected: boolean;
}

/** How a client asks. */
export interface LoadClient {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Whether it keeps its connection, or makes one for each request. */
  readonly keepAlive: boolean;
}

/** Clients at work. */
export class Load {
  readonly #outcomes: Outcome[] = [];
  readonly #clients: readonly Promise<void>[];
  #isOver = false;

  /** Sets clients to work. */
  constructor(clients: readonly LoadClient[]) {
    this.#clients = clients.map(async (client) => this.#work(client));
  }

  /** How many requests have ended. */
  get requests(): number {
    return this.#outcomes.length;
  }

  /** Lets every client end its request. @returns what became of all of them */
  async stop(): Promise<readonly Outcome[]> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    return this.#outcomes;
  }

  async #work(client: LoadClient): Promise<void> {
    const agent = agentOf(client);
    while (!this.#isOver) {
      const outcome = await askOnce(client, agent);
      this.#outcomes.push(outcome);
      if (outcome.error !== undefined) await sleep(AFTER_ERROR_MS);
    }
    agent.destroy();
  }
}

function agentOf({ ca, cert, key, keepAlive }: LoadClient): Agent {
  // A session of a connection before would be resumed without the certificate of now.
  return new Agent({ keepAlive, maxSockets: 1, maxCachedSessions: 0, ca, cert, key });
}

async function askOnce({ url }: LoadClient, agent: Agent): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let socket: TLSSocket | undefined;
  let response: IncomingMessage | undefined;
  let bodyBytes = 0;
  const end = (error?: NodeJS.ErrnoException): void =>
    resolve({
      status: response?.statusCode,
      complete: response?.complete === true && error === undefined,
      bodyBytes,
      error: error === undefined ? undefined : (error.code ?? error.message),
      connected: (socket?.getProtocol() ?? null) !== null,
    });
  request(url, { agent, headers: { accept: 'application/json' } })
    .on('socket', (opened) => {
      if (opened instanceof TLSSocket) socket = opened;
    })
    .on('response', (answer) => {
      response = answer;
      answer.on('data', (chunk: Buffer) => (bodyBytes += chunk.length));
      answer.on('end', () => end());
      answer.on('error', end);
      answer.on('close', () => end());
    })
    .on('error', end)
    .end();
  return promise;
}
