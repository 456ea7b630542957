/** Who sent the request. What they may do is asked where it is known what they want. */
import type { Middleware } from 'koa';
import type { AccessControl } from '../auth/access-control.ts';
import { Asker } from '../auth/asker.ts';
import type { RequestState } from '../context.ts';

/** Authenticates, on every path: credentials that are no good are never taken for none. */
export function whoAsks({ authenticate, authorize }: AccessControl): Middleware<RequestState> {
  return async (ctx, next) => {
    ctx.state.asker = new Asker(await authenticate(ctx.req), authorize);
    await next();
  };
}
