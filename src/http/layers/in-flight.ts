/**
 * How many requests are answered at once. As kube-apiserver's --max-requests-inflight, with the same exemptions
 * (apiserver/pkg/server/filters/maxinflight.go): members of system:masters, among them the aggregator, and probes are
 * never turned away.
 *
 * Invariant: a request is in flight until its answer is out or lost, not only until it is made: an answer that waits for a
 * slow reader fills the memory all the same. The deadline sees to it that none waits for ever.
 */
import type { Middleware } from 'koa';
import { UNSECURED } from '../auth/user.ts';
import type { RequestState } from '../context.ts';
import { HEALTH_PATHS } from '../health.ts';
import { StatusError } from '../status.ts';
import { ClientGoneError } from './client-gone.ts';

const RETRY_AFTER_SECONDS = 1;

/** Turns away what comes while `max` requests are being answered. */
export function limitInFlight(max: number): Middleware<RequestState> {
  let inFlight = 0;
  return (ctx, next) => {
    const { asker } = ctx.state;
    const isExempt =
      HEALTH_PATHS.has(ctx.path) || (asker?.isMaster === true && asker.user.name !== UNSECURED.name);
    if (isExempt) return next();
    if (inFlight >= max) {
      throw new StatusError('TooManyRequests', 'Too many requests, please try again later.', [], {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    // It may have gone while it was authenticated. Its `close` will not come again to give the place back.
    if (ctx.res.closed || ctx.req.socket.destroyed) throw new ClientGoneError();
    inFlight += 1;
    ctx.res.once('close', () => (inFlight -= 1));
    return next();
  };
}
