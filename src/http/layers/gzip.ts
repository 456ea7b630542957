/**
 * Large answers are compressed where the client takes it: above 128 KiB, at gzip's first level, as kube-apiserver does
 * (apiserver/pkg/endpoints/handlers/responsewriters/writers.go).
 */
import type { Middleware } from 'koa';
import compress from 'koa-compress';
import type { RequestState } from '../context.ts';

const COMPRESSED_BYTES_MIN = 128 * 1024;

/** Compresses with gzip, and nothing else. */
export function gzip(): Middleware<RequestState> {
  const compressed = compress({
    threshold: COMPRESSED_BYTES_MIN,
    gzip: { level: 1 },
    deflate: false,
    br: false,
    zstd: false,
  });
  return (ctx, next) => {
    ctx.vary('Accept-Encoding');
    return ctx.acceptsEncodings('gzip', 'identity') === 'gzip' ? compressed(ctx, next) : next();
  };
}
