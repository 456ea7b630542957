/**
 * How long a request may take: --request-timeout, or less where the client says so by `?timeout=`, as kube-apiserver does
 * (apiserver/pkg/endpoints/filters/request_deadline.go). Work for an answer that nobody waits for any more is given up.
 *
 * Invariant: once the deadline and a grace are over, the request holds nothing any more: an answer that its reader has not
 * taken by then is cut, and its connection with it.
 */
import type { Middleware } from 'koa';
import { parseDurationMs } from '../../model/duration.ts';
import type { RequestState } from '../context.ts';
import { badValue } from '../parameters.ts';
import { quote, StatusError } from '../status.ts';
import { ClientGoneError } from './client-gone.ts';

/** How long beyond the deadline an answer may take to be read. */
const GRACE_MS = 5000;

/** Answers 504 where the layers inside take longer; ends them with ClientGoneError where the client has gone. */
export function deadline(maxMs: number, graceMs = GRACE_MS): Middleware<RequestState> {
  return async (ctx, next) => {
    const { socket } = ctx.req;
    if (socket.destroyed) throw new ClientGoneError();
    const limitMs = allowedMs(ctx.querystring, maxMs);
    const work = new AbortController();
    ctx.state.signal = work.signal;
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const giveUp = (reason: Error): void => {
      work.abort(reason);
      reject(reason);
    };
    const late = setTimeout(() => giveUp(tooLate()), limitMs);
    const cut = setTimeout(() => socket.destroy(), limitMs + graceMs);
    // The end of every answer, whether it is out or lost.
    ctx.res.once('close', () => {
      clearTimeout(cut);
      if (!ctx.res.writableFinished) giveUp(new ClientGoneError());
    });
    try {
      await Promise.race([next(), givenUp]);
    } finally {
      clearTimeout(late);
    }
  };
}

function allowedMs(querystring: string, maxMs: number): number {
  const text = querystring.includes('timeout') ? new URLSearchParams(querystring).get('timeout') : null;
  if (text === null || text === '') return maxMs;
  const wantedMs = parseDurationMs(text);
  if (wantedMs === undefined)
    throw badValue('timeout', `timeout is ${quote(text)}: give a duration such as 30s`);
  return wantedMs === 0 ? maxMs : Math.min(wantedMs, maxMs);
}

function tooLate(): StatusError {
  return new StatusError(
    'Timeout',
    'the answer was not ready in time: ask for less, by a namespace, a span of time or a smaller limit',
  );
}
