/** An app behind a port of the loopback, for one test. */
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { request } from 'undici';
import type { Reader } from '../../model/reader.ts';
import { parseTime, type Micros } from '../../model/time.ts';
import { createApp, type AppOptions } from '../app.ts';
import { createMetrics } from '../metrics.ts';
import { startServer } from '../server.ts';

/** What came back. */
export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The body as JSON. @throws SyntaxError where it is not */
  readonly json: () => unknown;
}

/** What a test may ask for beside a path. */
export interface Ask {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that a test asks. */
export interface TestServer {
  readonly url: string;
  /** The lines of the log, as pino wrote them. */
  readonly log: readonly string[];
  readonly ask: (path: string, options?: Ask) => Promise<Answer>;
}

/** The clock of the tests. */
export function testNow(): Micros {
  const now = parseTime('2026-11-22T12:00:00Z');
  if (now === undefined) throw new TypeError('not a time');
  return now;
}

/** Serves until the test ends. */
export async function serve(
  t: TestContext,
  reader: Reader,
  options: Partial<AppOptions> = {},
): Promise<TestServer> {
  const log: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(line) });
  const metrics = createMetrics(reader, '0.0.0-test');
  const app = createApp({
    reader,
    logger,
    version: '0.0.0-test',
    now: testNow,
    metrics,
    catchUpMs: 0,
    ...options,
  });
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 1000 });
  t.after(() => server.close());
  return {
    url: server.url,
    log,
    async ask(path, { method = 'GET', headers = {} } = {}) {
      const {
        statusCode,
        headers: answered,
        body,
      } = await request(new URL(server.url).origin + path, {
        method,
        headers,
      });
      const text = await body.text();
      return {
        code: statusCode,
        headers: answered,
        body: text,
        json: (): unknown => JSON.parse(text),
      };
    },
  };
}
