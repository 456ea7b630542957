/**
 * The API as a Koa app. It listens nowhere: startServer does.
 *
 * Layers, outermost first: observe (metrics, log), refuse (whatever is thrown below becomes a Status), known hosts, read
 * only (GET and HEAD), the router, not found. Koa's own error handler, which answers text/plain, is never reached.
 */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Reader } from '../model/reader.ts';
import type { Micros } from '../model/time.ts';
import { BASE_PATH } from './api-group.ts';
import { send, warn, type Context, type RequestState } from './context.ts';
import { mount, mountHealth, mountMetrics, mountRoot } from './endpoints.ts';
import { statusOf } from './errors.ts';
import type { HealthCheck } from './health.ts';
import { registerMetrics, type ObserveRequest } from './metrics.ts';
import { CONTENT_TYPES, isPretty, negotiateFormat, wantsPretty } from './negotiate.ts';
import { parseParameters } from './parameters.ts';
import { pathParameters } from './path.ts';
import { renderJson } from './render.ts';
import { ROUTES } from './routes/index.ts';
import type { Route } from './routes/route.ts';
import { quote, StatusError, type StatusSubject } from './status.ts';
import { stillReading } from './still-reading.ts';

/** What the app needs from outside. */
export interface AppOptions {
  readonly reader: Reader;
  readonly logger: Logger;
  /** The program's version, for metrics. */
  readonly version: string;
  /** The clock, for times such as `-2h`. */
  readonly now: () => Micros;
  /** Where the app registers its metrics: a registry of its own for each app. */
  readonly metrics: Registry;
  /** What /readyz checks beside that the server answers. */
  readonly readyChecks?: readonly HealthCheck[];
  /** Which Host headers are answered ('' where there is none); all where it is left out. */
  readonly isHostAllowed?: (host: string) => boolean;
}

const METHODS: readonly string[] = ['GET', 'HEAD'];
/** As kube-apiserver limits the IDs that it hands on. */
const AUDIT_ID = /^[\w.-]{1,64}$/;

/** Builds the app. */
export function createApp(options: AppOptions): Koa<RequestState> {
  const app = new Koa<RequestState>();
  // Only broken connections come here; without a listener Koa would write them to stderr.
  app.on('error', (error: unknown) => options.logger.debug({ err: error }, 'connection broke'));
  app.use(observe(options.logger, registerMetrics(options.metrics, options.reader, options.version)));
  app.use(refuse(options.logger));
  app.use(knownHosts(options.isHostAllowed ?? (() => true)));
  app.use(readOnly);
  app.use(routerOf(options).routes());
  app.use(notFound);
  return app;
}

function observe(logger: Logger, observeRequest: ObserveRequest): Koa.Middleware<RequestState> {
  return async (ctx, next) => {
    const startMs = performance.now();
    ctx.set('Cache-Control', 'no-cache, private');
    ctx.set('X-Content-Type-Options', 'nosniff');
    const auditID = ctx.get('Audit-ID');
    if (AUDIT_ID.test(auditID)) ctx.set('Audit-Id', auditID);
    await next();
    const durationMs = performance.now() - startMs;
    observeRequest({ route: ctx.state.route ?? '', code: ctx.status, seconds: durationMs / 1000 });
    logger.debug({ method: ctx.method, url: ctx.url, code: ctx.status, durationMs }, 'request');
  };
}

function refuse(logger: Logger): Koa.Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const status = statusOf(error, ctx.state.subject ?? {});
      if (status.code >= 500)
        logger.error({ err: error, method: ctx.method, url: ctx.url }, 'request failed');
      // That something is not there says little while the logs are still being read.
      if (status.code === 404 && ctx.state.logsWarning !== undefined) warn(ctx, ctx.state.logsWarning);
      const body = renderJson(status, isPretty(ctx.get('User-Agent'), ctx.querystring));
      send(ctx, status.code, CONTENT_TYPES.json, body);
    }
  };
}

function knownHosts(isAllowed: (host: string) => boolean): Koa.Middleware<RequestState> {
  return (ctx, next) => {
    const host = ctx.get('Host');
    if (isAllowed(host)) return next();
    throw new StatusError(
      'Forbidden',
      `this server does not answer as ${quote(host)}: ask for it as localhost, 127.0.0.1 or [::1]`,
    );
  };
}

function readOnly(ctx: Context, next: Koa.Next): Promise<void> {
  if (!METHODS.includes(ctx.method)) {
    ctx.set('Allow', METHODS.join(', '));
    throw new StatusError(
      'MethodNotAllowed',
      `${ctx.method} is not allowed: this API only answers GET and HEAD`,
    );
  }
  return next();
}

function routerOf(options: AppOptions): Router<RequestState> {
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  const patterns: string[] = [];
  for (const route of ROUTES) {
    for (const path of route.paths) {
      const pattern = `${BASE_PATH}${path}`;
      mount(router, pattern, (ctx, params) => answer(ctx, params, route, options));
      patterns.push(pattern);
    }
  }
  mountHealth(router, options.readyChecks ?? []);
  mountMetrics(router, options.metrics);
  mountRoot(router, [...patterns, '/healthz', '/livez', '/metrics', '/readyz']);
  return router;
}

async function answer(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  route: Route,
  { reader, now }: AppOptions,
): Promise<void> {
  const path = pathParameters(params);
  ctx.state.subject = route.subject(path);
  const parameters = parseParameters(ctx.querystring, route.parameters);
  ctx.set('Vary', 'Accept');
  const format = negotiateFormat(ctx, parameters, route.formats);
  const pretty = wantsPretty(ctx.get('User-Agent'), parameters);
  if (route.needsSource && reader.sources().length === 0) throw withoutSource();
  const about = (subject: StatusSubject): void => void (ctx.state.subject = subject);
  // Before the answer is made: what is read meanwhile may be in it or not.
  const reading = route.needsSource ? stillReading(reader) : undefined;
  if (reading !== undefined) ctx.state.logsWarning = reading;
  const { text, warnings } = await route.respond(
    { reader, now: now(), path, parameters, about },
    format,
    pretty,
  );
  for (const warning of warnings) warn(ctx, warning);
  if (reading !== undefined) warn(ctx, reading);
  const lastLine = reading === undefined || format !== 'text' ? '' : `${route.remarkPrefix}(${reading})\n`;
  send(ctx, 200, CONTENT_TYPES[format], text + lastLine);
}

function withoutSource(): StatusError {
  return new StatusError(
    'NotFound',
    'no audit log is configured, so nothing is known: start the server with --audit-log and the path of one',
  );
}

function notFound(ctx: Context): never {
  const questions = 'versions, spechistory, diff, bisect or manifest';
  throw new StatusError(
    'NotFound',
    `there is nothing at ${quote(ctx.path)}: ask for ${BASE_PATH}/namespaces/NAMESPACE/RESOURCE/NAME/QUESTION or ` +
      `${BASE_PATH}/RESOURCE/NAME/QUESTION, where QUESTION is ${questions}; ` +
      `for ${BASE_PATH}[/namespaces/NAMESPACE]/activities or rollouts; or for ${BASE_PATH}/sources`,
  );
}
