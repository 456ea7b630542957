/**
 * What a request line asks for, before anything else looks at it: a path, and a query of a size that nobody minds.
 *
 * Node hands on any target that its parser takes, and reading it through Koa's getters throws where it is none: only
 * `targetOf` may read one that has not passed `sound`.
 */
import type { Next } from 'koa';
import type { Context } from '../context.ts';
import { quote, StatusError } from '../status.ts';

/** The longest query of the API has a few hundred characters; UTF-16 code units. */
const QUERY_LENGTH_MAX = 16 * 1024;
const QUERY_PAIRS_MAX = 200;

/** A request target that can be read. */
export interface RequestTarget {
  readonly path: string;
  /** Without its question mark; '' where there is none. */
  readonly querystring: string;
}

/** The target of a request; undefined where it names no path (`http://[`, `*`). Never throws. */
export function targetOf(ctx: Pick<Context, 'path' | 'querystring'>): RequestTarget | undefined {
  try {
    const { path, querystring } = ctx;
    return path.startsWith('/') ? { path, querystring } : undefined;
  } catch {
    return undefined;
  }
}

/** Passes targets that can be read, with a query of a moderate size. */
export function soundTarget(ctx: Context, next: Next): Promise<void> {
  const target = targetOf(ctx);
  if (target === undefined) {
    throw new StatusError('BadRequest', `the request target ${quote(ctx.req.url ?? '')} is no path`);
  }
  const { querystring } = target;
  if (querystring.length > QUERY_LENGTH_MAX) {
    throw new StatusError('BadRequest', `the query is longer than ${QUERY_LENGTH_MAX} characters`);
  }
  if (pairCount(querystring) > QUERY_PAIRS_MAX) {
    throw new StatusError('BadRequest', `the query has more than ${QUERY_PAIRS_MAX} parameters`);
  }
  return next();
}

function pairCount(querystring: string): number {
  return querystring.split('&').length;
}
