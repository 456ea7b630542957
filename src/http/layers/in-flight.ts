/**
 * How many requests are answered at once. As kube-apiserver's --max-requests-inflight, with the same exemptions
 * (apiserver/pkg/server/filters/maxinflight.go): members of system:masters, among them the aggregator, and probes are
 * never turned away.
 */
import type { Middleware } from 'koa';
import { UNSECURED } from '../auth/user.ts';
import type { RequestState } from '../context.ts';
import { HEALTH_PATHS } from '../health.ts';
import { StatusError } from '../status.ts';

const RETRY_AFTER_SECONDS = 1;

/** Turns away what comes while `max` requests are being answered. */
export function limitInFlight(max: number): Middleware<RequestState> {
  let inFlight = 0;
  return async (ctx, next) => {
    const { asker } = ctx.state;
    const isExempt =
      HEALTH_PATHS.has(ctx.path) || (asker?.isMaster === true && asker.user.name !== UNSECURED.name);
    if (isExempt) return next();
    if (inFlight >= max) {
      throw new StatusError('TooManyRequests', 'Too many requests, please try again later.', [], {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    inFlight += 1;
    try {
      await next();
    } finally {
      inFlight -= 1;
    }
  };
}
