/** What the layers of the app know of a request, and the one way in which they answer it. */
import type { ParameterizedContext } from 'koa';
import type { Attributes } from './auth/attributes.ts';
import type { Asker } from './auth/asker.ts';
import type { StatusSubject } from './status.ts';

/** What a request leaves for the outer layers. */
export interface RequestState {
  /** Who asks; undefined until that is known. */
  asker?: Asker;
  /** Aborts when nobody waits for the answer any more. */
  signal?: AbortSignal;
  /** The pattern that matched; undefined until one has. */
  route?: string;
  /** What the request is about, as far as it has been understood. */
  subject?: StatusSubject;
  /** What the client should know of the logs behind the answer, whether that is data or that there is none. */
  logsWarning?: string;
}

export type Context = ParameterizedContext<RequestState>;

/** Adds a warning. The code and the agent are those of RFC 7234; kubectl prints such headers on stderr. */
export function warn(ctx: Context, warning: string): void {
  ctx.append('Warning', `299 - ${JSON.stringify(warning)}`);
}

/** Answers. The body is text already, so that nothing can go wrong after the headers. */
export function send(ctx: Context, code: number, contentType: string, body: string): void {
  ctx.status = code;
  ctx.set('Content-Type', contentType);
  ctx.body = body;
}

/**
 * Passes where the asker may do this.
 * @throws StatusError Forbidden, InternalError
 */
export async function authorize(ctx: Context, attributes: Attributes): Promise<Asker> {
  const { asker } = ctx.state;
  if (asker === undefined) throw new TypeError('nobody has been authenticated');
  await asker.demand(attributes);
  return asker;
}

/** The same for a path that is no resource. */
export async function authorizePath(ctx: Context): Promise<void> {
  await authorize(ctx, { verb: ctx.method.toLowerCase(), path: ctx.path });
}
