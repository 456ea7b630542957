/** Whatever is thrown by the layers inside becomes a Status. */
import type { Logger } from 'pino';
import type { Middleware } from 'koa';
import { send, warn, type RequestState } from '../context.ts';
import { statusOf } from '../errors.ts';
import { CONTENT_TYPES, isPretty } from '../negotiate.ts';
import { renderJson } from '../render.ts';
import { StatusError } from '../status.ts';
import { CLIENT_GONE_CODE, ClientGoneError } from './client-gone.ts';
import { targetOf } from './request-target.ts';

/**
 * Answers with the Status of an error; faults of ours are logged. Nothing in here may throw: what is outside would answer
 * with text/plain.
 */
export function refuse(logger: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof ClientGoneError) {
        ctx.status = CLIENT_GONE_CODE;
        ctx.respond = false;
        return;
      }
      const { path, querystring } = targetOf(ctx) ?? { path: '', querystring: '' };
      const status = statusOf(error, ctx.state.subject ?? {});
      // Where a stack says nothing: what was refused knowingly has its cause in the log already, or in its message.
      const why = error instanceof StatusError ? { problem: error.message } : { err: error };
      if (status.code >= 500) logger.error({ ...why, method: ctx.method, path }, 'request failed');
      // That something is not there says little while the logs are still being read.
      if (status.code === 404 && ctx.state.logsWarning !== undefined) warn(ctx, ctx.state.logsWarning);
      // A certificate is only shown in the handshake: who has a better one now needs a new connection.
      if (status.code === 401) ctx.set('Connection', 'close');
      const { retryAfterSeconds } = status.details;
      if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
      const body = renderJson(status, isPretty(ctx.get('User-Agent'), querystring));
      send(ctx, status.code, CONTENT_TYPES.json, body);
    }
  };
}
