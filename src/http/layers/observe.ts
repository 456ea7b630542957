/** The outermost layer: what every answer has, and what is noted of every request. */
import type { Logger } from 'pino';
import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';
import type { ObserveRequest } from '../metrics.ts';
import { targetOf } from './request-target.ts';

/** As kube-apiserver limits the IDs that it hands on. */
const AUDIT_ID = /^[\w.-]{1,64}$/;

/** Sets the headers of every answer, and measures it. Of a request only method and path are logged, never its query. */
export function observe(logger: Logger, observeRequest: ObserveRequest): Middleware<RequestState> {
  return async (ctx, next) => {
    const startMs = performance.now();
    ctx.set('Cache-Control', 'no-cache, private');
    ctx.set('X-Content-Type-Options', 'nosniff');
    const auditID = ctx.get('Audit-ID');
    if (AUDIT_ID.test(auditID)) ctx.set('Audit-Id', auditID);
    await next();
    const durationMs = performance.now() - startMs;
    observeRequest({ route: ctx.state.route ?? '', code: ctx.status, seconds: durationMs / 1000 });
    const { method, status: code } = ctx;
    const path = targetOf(ctx)?.path;
    logger.debug({ method, path, code, user: ctx.state.asker?.user.name, durationMs }, 'request');
  };
}
