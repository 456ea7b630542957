/** Who sent the request. What they may do is asked where it is known what they want. */
import type { Middleware } from 'koa';
import type { AccessControl } from '../auth/access-control.ts';
import { Asker } from '../auth/asker.ts';
import { listReviewLimit } from '../auth/reviewed-visibility.ts';
import type { RequestState } from '../context.ts';
import { StatusError } from '../status.ts';

/**
 * Authenticates, on every path: credentials that are no good are never taken for none.
 * @param countFailure told of each request whose credentials were no good
 */
export function whoAsks(
  { authenticate, authorize }: AccessControl,
  countFailure: () => void = () => undefined,
): Middleware<RequestState> {
  const limit = listReviewLimit();
  return async (ctx, next) => {
    try {
      const user = await authenticate(ctx.req);
      ctx.state.asker = new Asker(user, authorize, { limit, signal: ctx.state.signal });
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'Unauthorized') countFailure();
      throw error;
    }
    await next();
  };
}
