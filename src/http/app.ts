/**
 * The API as a Koa app. It listens nowhere: startServer does. A process has an app for each listener.
 *
 * Layers, outermost first: observe (metrics, log), gzip, refuse (whatever is thrown below becomes a Status), sound target,
 * known hosts, no impersonation, deadline, who asks, in flight, read only (GET and HEAD), the router (where what is asked
 * for is authorised), not found. As upstream, the deadline spans authentication too, and in flight needs to know who asks.
 * Koa's own error handler, which answers text/plain, is never reached.
 */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { GroupResource } from '../model/object-key.ts';
import { knownResources, type ResourceIndex } from '../model/query/find-object.ts';
import type { Reader, RecordedResource } from '../model/reader.ts';
import type { Micros } from '../model/time.ts';
import { BASE_PATH } from './api-group.ts';
import { UNRESTRICTED, type AccessControl } from './auth/access-control.ts';
import { CatchUp } from './catch-up.ts';
import { authorize, send, warn, type Context, type RequestState } from './context.ts';
import { mount, mountHealth, mountMetrics, mountRoot } from './endpoints.ts';
import { DISCOVERY_PATHS, mountDiscovery } from './discovery/mount-discovery.ts';
import { SERVED_API } from './discovery/served-api.ts';
import { HEALTH_PATHS, type HealthCheck } from './health.ts';
import { deadline } from './layers/deadline.ts';
import { gzip } from './layers/gzip.ts';
import { limitInFlight } from './layers/in-flight.ts';
import { knownHosts } from './layers/known-hosts.ts';
import { noImpersonation } from './layers/no-impersonation.ts';
import { observe } from './layers/observe.ts';
import { readOnly } from './layers/read-only.ts';
import { refuse } from './layers/refuse.ts';
import { soundTarget } from './layers/request-target.ts';
import { whoAsks } from './layers/who-asks.ts';
import type { Metrics } from './metrics.ts';
import { CONTENT_TYPES, negotiateRepresentation, wantsPretty } from './negotiate.ts';
import { mountOpenApi, OPENAPI_PATHS } from './openapi/mount-openapi.ts';
import { parseParameters } from './parameters.ts';
import { pathParameters } from './path.ts';
import { ROUTES } from './routes/index.ts';
import { attributesOf, type Route } from './routes/route.ts';
import { quote, StatusError, type StatusSubject } from './status.ts';

/** What the app needs from outside. */
export interface AppOptions {
  readonly reader: Reader;
  readonly logger: Logger;
  /** The clock, for times such as `-2h`. */
  readonly now: () => Micros;
  readonly metrics: Metrics;
  /** The program's version. */
  readonly version: string;
  /** Who may ask what; everybody everything where it is left out. */
  readonly access?: AccessControl;
  /** The resource types of the cluster, beside those that are recorded. */
  readonly clusterResources?: ClusterIndex;
  /** Resources whose values are not kept. */
  readonly isRedacted?: (resource: GroupResource) => boolean;
  /** What /readyz checks beside that the server answers. */
  readonly readyChecks?: readonly HealthCheck[];
  /** Which Host headers are answered ('' where there is none); all where it is left out. */
  readonly isHostAllowed?: (host: string) => boolean;
  /** Requests that are answered at once. */
  readonly requestsInFlightMax?: number;
  /** How long a request may take. */
  readonly requestTimeoutMs?: number;
  /** How long an answer waits for what stood in the logs when its request came. */
  readonly catchUpMs?: number;
}

/** What the app asks of the cluster's resource types. */
export interface ClusterIndex extends ResourceIndex {
  readonly all: () => Iterable<RecordedResource>;
  /** Looks for newer ones, shortly and not too often; never rejects. */
  readonly refresh: () => Promise<void>;
}

/** As kube-apiserver's --max-requests-inflight. */
export const REQUESTS_IN_FLIGHT_MAX = 400;
/** kube-apiserver gives up after 60 s: what is refused before that can say why. */
export const REQUEST_TIMEOUT_MS = 55_000;

/** Builds the app. */
export function createApp(options: AppOptions): Koa<RequestState> {
  const { logger, metrics, access = UNRESTRICTED } = options;
  const app = new Koa<RequestState>();
  // Only broken connections come here; without a listener Koa would write them to stderr.
  app.on('error', (error: unknown) => logger.debug({ err: error }, 'connection broke'));
  app.use(observe(logger, metrics.observeRequest));
  app.use(gzip());
  app.use(refuse(logger));
  app.use(soundTarget);
  app.use(knownHosts(options.isHostAllowed ?? (() => true)));
  app.use(noImpersonation);
  app.use(deadline(options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS));
  app.use(whoAsks(access, metrics.countAuthenticationFailure));
  app.use(limitInFlight(options.requestsInFlightMax ?? REQUESTS_IN_FLIGHT_MAX));
  app.use(readOnly);
  app.use(routerOf(options).routes());
  app.use(notFound);
  return app;
}

function routerOf(options: AppOptions): Router<RequestState> {
  const router = new Router<RequestState>({ strict: true, sensitive: true });
  const patterns: string[] = [];
  const catchUp = new CatchUp(options.reader, options.catchUpMs);
  for (const route of ROUTES) {
    for (const path of route.paths) {
      const pattern = `${BASE_PATH}${path}`;
      mount(router, pattern, (ctx, params) => answer(ctx, params, route, options, catchUp));
      patterns.push(pattern);
    }
  }
  mountHealth(router, options.readyChecks ?? []);
  mountMetrics(router, options.metrics.registry);
  const { reader, clusterResources, version } = options;
  const objectResources = (): Iterable<RecordedResource> => [
    ...reader.resources(),
    ...(clusterResources?.all() ?? []),
  ];
  mountDiscovery(router, { served: SERVED_API, version, objectResources });
  mountOpenApi(router, { served: SERVED_API, version, routes: ROUTES });
  mountRoot(router, [...patterns, ...DISCOVERY_PATHS, ...OPENAPI_PATHS, ...HEALTH_PATHS, '/metrics']);
  return router;
}

async function answer(
  ctx: Context,
  params: Readonly<Record<string, string>>,
  route: Route,
  options: AppOptions,
  catchUp: CatchUp,
): Promise<void> {
  const { reader, now, clusterResources, isRedacted = () => false } = options;
  const path = pathParameters(params);
  ctx.state.subject = route.subject(path);
  const asker = await authorize(ctx, attributesOf(route.access(path)));
  const parameters = parseParameters(ctx.querystring, route.parameters);
  ctx.vary('Accept');
  const representation = negotiateRepresentation(ctx, parameters, route.formats, route.conversions);
  const { format } = representation;
  const pretty = wantsPretty(ctx.get('User-Agent'), parameters);
  if (route.needsSource && reader.sources().length === 0) throw withoutSource();
  const about = (subject: StatusSubject): void => void (ctx.state.subject = subject);
  const { signal } = ctx.state;
  const unread = await catchUp.wait(signal);
  // What is no answer from the logs, but about them, says by itself what is unread.
  const reading = route.needsSource ? unread : undefined;
  if (reading !== undefined) ctx.state.logsWarning = reading;
  const resources = {
    ...knownResources(reader, clusterResources),
    refresh: async (): Promise<void> => clusterResources?.refresh(),
  };
  const { text, warnings } = await route.respond(
    { reader, resources, asker, now: now(), path, parameters, signal, about, isRedacted },
    representation,
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
      `for ${BASE_PATH}[/namespaces/NAMESPACE]/activities, rollouts or objecthistories; or for ${BASE_PATH}/sources`,
  );
}
