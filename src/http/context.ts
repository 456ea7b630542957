/** What the layers of the app know of a request, and the one way in which they answer it. */
import type { ParameterizedContext } from 'koa';
import type { StatusSubject } from './status.ts';

/** What a request leaves for the outer layers. */
export interface RequestState {
  /** The pattern that matched; undefined until one has. */
  route?: string;
  /** What the request is about, as far as it has been understood. */
  subject?: StatusSubject;
}

export type Context = ParameterizedContext<RequestState>;

/** Answers. The body is text already, so that nothing can go wrong after the headers. */
export function send(ctx: Context, code: number, contentType: string, body: string): void {
  ctx.status = code;
  ctx.set('Content-Type', contentType);
  ctx.body = body;
}
