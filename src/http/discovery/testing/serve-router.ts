/** A router behind a port of the loopback, for one test: the documents without the rest of the app. */
import type { TestContext } from 'node:test';
import { Router } from '@koa/router';
import Koa from 'koa';
import { pino } from 'pino';
import { request } from 'undici';
import { UNRESTRICTED, type Authorize } from '../../auth/access-control.ts';
import { Asker } from '../../auth/asker.ts';
import { UNSECURED } from '../../auth/user.ts';
import type { RequestState } from '../../context.ts';
import { refuse } from '../../layers/refuse.ts';
import { startServer } from '../../server.ts';
import type { Answer } from '../../testing/serve.ts';

/** Asks for a path with headers; HEAD where `method` says so. */
export type AskRouter = (
  path: string,
  headers?: Readonly<Record<string, string>>,
  method?: 'GET' | 'HEAD',
) => Promise<Answer>;

/** Serves what `mountAll` mounts until the test ends. */
export async function serveRouter(
  t: TestContext,
  mountAll: (router: Router<RequestState>) => void,
  authorize: Authorize = UNRESTRICTED.authorize,
): Promise<AskRouter> {
  const app = new Koa<RequestState>();
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  mountAll(router);
  app.use(refuse(pino({ level: 'silent' })));
  app.use((ctx, next) => {
    ctx.set('Cache-Control', 'no-cache, private');
    ctx.state.asker = new Asker(UNSECURED, authorize);
    return next();
  });
  app.use(router.routes());
  const server = await startServer(app, { host: '127.0.0.1', port: 0, drainMs: 1000 });
  t.after(() => server.close());
  return async (path, headers = {}, method = 'GET') => {
    const answer = await request(new URL(path, server.url), { method, headers });
    const body = await answer.body.text();
    return {
      code: answer.statusCode,
      headers: answer.headers,
      body,
      json: (): unknown => JSON.parse(body),
    };
  };
}
