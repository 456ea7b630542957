/** Requests that mean another server are refused. */
import type { Middleware } from 'koa';
import type { RequestState } from '../context.ts';
import { quote, StatusError } from '../status.ts';

/** Passes only requests whose Host header ('' where there is none) is allowed. */
export function knownHosts(isAllowed: (host: string) => boolean): Middleware<RequestState> {
  return (ctx, next) => {
    const host = ctx.get('Host');
    if (isAllowed(host)) return next();
    throw new StatusError(
      'Forbidden',
      `this server does not answer as ${quote(host)}: ask for it as localhost, 127.0.0.1 or [::1]`,
    );
  };
}
