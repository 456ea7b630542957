/** Nothing can be changed here. */
import type { Next } from 'koa';
import type { Context } from '../context.ts';
import { StatusError } from '../status.ts';

const METHODS: readonly string[] = ['GET', 'HEAD'];

/** Passes GET and HEAD. */
export function readOnly(ctx: Context, next: Next): Promise<void> {
  if (!METHODS.includes(ctx.method)) {
    ctx.set('Allow', METHODS.join(', '));
    throw new StatusError(
      'MethodNotAllowed',
      `${ctx.method} is not allowed: this API only answers GET and HEAD`,
    );
  }
  return next();
}
