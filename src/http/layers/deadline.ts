/**
 * How long a request may take: --request-timeout, or less where the client says so by `?timeout=`, as kube-apiserver does
 * (apiserver/pkg/endpoints/filters/request_deadline.go). Work for an answer that nobody waits for any more is given up.
 */
import type { Middleware } from 'koa';
import { parseDurationMs } from '../../model/duration.ts';
import type { RequestState } from '../context.ts';
import { badValue } from '../parameters.ts';
import { quote, StatusError } from '../status.ts';

/** Answers 504 where the layers inside take longer. */
export function deadline(maxMs: number): Middleware<RequestState> {
  return async (ctx, next) => {
    const late = new AbortController();
    const gone = new AbortController();
    ctx.state.signal = AbortSignal.any([late.signal, gone.signal]);
    const onClose = (): void => gone.abort(new Error('the client is gone'));
    ctx.res.once('close', onClose);
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => {
        const error = tooLate();
        late.abort(error);
        reject(error);
      },
      allowedMs(ctx.querystring, maxMs),
    );
    try {
      await Promise.race([next(), promise]);
    } finally {
      clearTimeout(timer);
      ctx.res.off('close', onClose);
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
