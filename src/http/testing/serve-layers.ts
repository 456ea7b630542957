/** A few layers of the app around a handler of the test's, behind a port of the loopback. */
import type { TestContext } from 'node:test';
import Koa, { type Middleware } from 'koa';
import { pino } from 'pino';
import { request } from 'undici';
import type { RequestState } from '../context.ts';
import { refuse } from '../layers/refuse.ts';
import { startServer } from '../server.ts';
import type { Answer } from './serve.ts';

/** Serves until the test ends. What the layers throw becomes a Status, as in the app. */
export async function serveLayers(
  t: TestContext,
  ...layers: readonly Middleware<RequestState>[]
): Promise<
  (path: string, headers?: Readonly<Record<string, string>>, signal?: AbortSignal) => Promise<Answer>
> {
  const app = new Koa<RequestState>();
  app.on('error', () => undefined);
  app.use(refuse(pino({ level: 'silent' })));
  for (const layer of layers) app.use(layer);
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 100 });
  t.after(() => server.close());
  return async (path, headers = {}, signal) => {
    const {
      statusCode,
      headers: answered,
      body,
    } = await request(server.url + path, {
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    const text = bytes.toString('latin1');
    return { code: statusCode, headers: answered, body: text, json: (): unknown => JSON.parse(text) };
  };
}
