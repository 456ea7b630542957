/**
 * Metrics for Prometheus.
 *
 * Invariant: the number of series is bounded. `route` is the pattern that matched, never the path; reasons and sources
 * are few and known.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Reader } from '../model/reader.ts';
import { DROPS, REJECTIONS, type SourceStatus } from '../model/source-status.ts';

const PREFIX = 'kubeprovenance';
/** kube-apiserver's own requests are cut at 60 s; what takes longer than a tenth of that is worth a look. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60];

/** Notes one finished request. */
export type ObserveRequest = (request: {
  readonly route: string;
  readonly code: number;
  readonly seconds: number;
}) => void;

/** The metrics of one process, whatever listeners it has. */
export interface Metrics {
  readonly registry: Registry;
  readonly observeRequest: ObserveRequest;
  /** Notes a TLS handshake that came to nothing. */
  readonly countHandshakeError: () => void;
  /** Notes a request whose credentials were no good. */
  readonly countAuthenticationFailure: () => void;
}

/** Makes the process's, the sources' and the requests' metrics, in a registry of their own. */
export function createMetrics(reader: Pick<Reader, 'sources'>, version: string): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  registerBuild(registry, version);
  registerSources(registry, reader);
  const duration = new Histogram({
    name: `${PREFIX}_http_request_duration_seconds`,
    help: 'How long requests took, by the pattern of their route ("" where none matched) and the code of the answer.',
    labelNames: ['route', 'code'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [registry],
  });
  const handshakeErrors = new Counter({
    name: `${PREFIX}_tls_handshake_errors_total`,
    help: 'TLS handshakes that came to nothing: probes without TLS, or clients that do not trust the certificate.',
    registers: [registry],
  });
  const authenticationFailures = new Counter({
    name: `${PREFIX}_authentication_failures_total`,
    help: 'Requests whose credentials were no good (401).',
    registers: [registry],
  });
  return {
    registry,
    observeRequest: ({ route, code, seconds }) => duration.observe({ route, code: String(code) }, seconds),
    countHandshakeError: () => handshakeErrors.inc(),
    countAuthenticationFailure: () => authenticationFailures.inc(),
  };
}

function registerBuild(registry: Registry, version: string): void {
  const build = new Gauge({
    name: `${PREFIX}_build_info`,
    help: 'Always 1; which version runs.',
    labelNames: ['version'],
    registers: [registry],
  });
  build.set({ version }, 1);
}

function registerSources(registry: Registry, reader: Pick<Reader, 'sources'>): void {
  const total = (name: string, help: string, value: (source: SourceStatus) => number): void =>
    registry.registerMetric(
      new Counter({
        name: `${PREFIX}_source_${name}_total`,
        help,
        labelNames: ['source'],
        registers: [],
        collect() {
          // The totals are kept by the sources; a counter can only be added to, so it starts anew each time.
          this.reset();
          for (const source of reader.sources()) this.inc({ source: source.name }, value(source));
        },
      }),
    );
  const level = (name: string, help: string, value: (source: SourceStatus) => number): void =>
    registry.registerMetric(
      new Gauge({
        name: `${PREFIX}_source_${name}`,
        help,
        labelNames: ['source'],
        registers: [],
        collect() {
          this.reset();
          for (const source of reader.sources()) this.set({ source: source.name }, value(source));
        },
      }),
    );
  total('events', 'Audit events read.', (source) => source.events);
  total('versions', 'Versions made.', (source) => source.versions);
  total('read_bytes', 'Bytes of the source that are in the index.', (source) => source.bytesRead);
  level('behind_bytes', 'Bytes of the source that are not in the index yet.', (source) => source.bytesBehind);
  level('problem', '1 while the source cannot be read, else 0.', (source) =>
    Number(source.problem !== undefined),
  );
  registerDropped(registry, reader);
}

function registerDropped(registry: Registry, reader: Pick<Reader, 'sources'>): void {
  registry.registerMetric(
    new Counter({
      name: `${PREFIX}_source_dropped_total`,
      help: 'Lines that are no event and events that made no version, by the reason.',
      labelNames: ['source', 'reason'],
      registers: [],
      collect() {
        this.reset();
        for (const source of reader.sources()) {
          for (const reason of [...REJECTIONS, ...DROPS]) {
            this.inc({ source: source.name, reason }, source.dropped[reason] ?? 0);
          }
        }
      },
    }),
  );
}
