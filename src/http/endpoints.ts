/** What is served beside the API group: health, metrics and the list of paths. */
import type { Router } from '@koa/router';
import type { Registry } from 'prom-client';
import { authorizePath, send, type Context, type RequestState } from './context.ts';
import { checkHealth, type HealthCheck } from './health.ts';
import { CONTENT_TYPES, negotiateFormat, outputParameter, wantsPretty } from './negotiate.ts';
import { parseParameters } from './parameters.ts';
import { renderJson, renderYaml } from './render.ts';

/** Answers a request; `params` are the parts of the path that vary. */
export type Handle = (ctx: Context, params: Readonly<Record<string, string>>) => void | Promise<void>;

/** Serves a path; the pattern is what metrics call it. */
export function mount(router: Router<RequestState>, pattern: string, handle: Handle): void {
  router.get(pattern, async (ctx) => {
    ctx.state.route = pattern;
    await handle(ctx, ctx.params);
  });
}

/** Serves a path that is no resource: who may read it is asked by its path. */
export function mountPath(router: Router<RequestState>, path: string, handle: Handle): void {
  mount(router, path, async (ctx, params) => {
    await authorizePath(ctx);
    await handle(ctx, params);
  });
}

/** `/livez`, `/readyz`, `/healthz`. Whatever the client accepts, they are plain text: probes only look at the code. */
export function mountHealth(router: Router<RequestState>, readyChecks: readonly HealthCheck[]): void {
  const endpoints = { livez: [], healthz: [], readyz: readyChecks };
  for (const [endpoint, checks] of Object.entries(endpoints)) {
    mountPath(router, `/${endpoint}`, (ctx) => {
      const { code, text } = checkHealth(endpoint, checks, new URLSearchParams(ctx.querystring));
      send(ctx, code, CONTENT_TYPES.text, text);
    });
  }
}

/** `/metrics`, in the one format that Prometheus and all who imitate it read. */
export function mountMetrics(router: Router<RequestState>, registry: Registry): void {
  mountPath(router, '/metrics', async (ctx) => {
    outputParameter(parseParameters(ctx.querystring, { names: [] }), ['text']);
    send(ctx, 200, registry.contentType, await registry.metrics());
  });
}

/** `/`: the paths without a variable part, as kube-apiserver lists its own. */
export function mountRoot(router: Router<RequestState>, patterns: readonly string[]): void {
  const paths = patterns.filter((pattern) => !pattern.includes(':')).sort();
  mountPath(router, '/', (ctx) => {
    const parameters = parseParameters(ctx.querystring, { names: [] });
    const format = negotiateFormat(ctx, parameters, ['json', 'yaml']);
    const pretty = wantsPretty(ctx.get('User-Agent'), parameters);
    send(
      ctx,
      200,
      CONTENT_TYPES[format],
      format === 'yaml' ? renderYaml({ paths }) : renderJson({ paths }, pretty),
    );
  });
}
