/**
 * Impersonation is kube-apiserver's: it checks it, takes its headers off and names in X-Remote-* whom it proxies for
 * (apiserver/pkg/endpoints/filters/impersonation.go). A request that still has such a header did not come through it, and
 * would be answered with the rights of its sender, who asked for those of somebody else.
 */
import type { Next } from 'koa';
import type { Context } from '../context.ts';
import { StatusError } from '../status.ts';

/** Node gives names in lower case. */
const HEADER = /^impersonate-(?:user|group|uid|extra-.*)$/s;

/** Passes requests that impersonate nobody. */
export function noImpersonation(ctx: Context, next: Next): Promise<void> {
  if (Object.keys(ctx.req.headers).some((name) => HEADER.test(name))) {
    throw new StatusError(
      'BadRequest',
      'nobody can be impersonated here: ask through kube-apiserver, which checks that and says who is meant',
    );
  }
  return next();
}
