/**
 * `serve`: follows audit logs and answers questions about them over HTTP.
 *
 * The recorded log that ships with the project is served only with --demo and without any source of one's own: a server
 * without a source says so and serves nothing.
 */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { Logger } from 'pino';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp } from '../http/app.ts';
import type { HealthCheck } from '../http/health.ts';
import { createMetrics } from '../http/metrics.ts';
import { isLoopbackHost } from '../http/layers/loopback-host.ts';
import { startServer } from '../http/server.ts';
import { PlainStore } from '../model/store/plain-store.ts';
import { micros } from '../model/time.ts';
import { prepareDataDir } from './data-dir.ts';
import { ListenError, UsageError } from './errors.ts';
import { announceWhenRead } from './greeting.ts';
import { startIngest } from './ingest.ts';
import { isLoopback, parseListenAddress, refuseOpenAddress, type ListenAddress } from './listen-address.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './logging.ts';
import { type IngestFlags, ingestOptions } from './options.ts';
import { prepareRedactor } from './redaction-key.ts';
import { listenSecurely, type Listener, type SharedAppOptions } from './secure-listener.ts';
import {
  refuseLostServingFlags,
  servingFiles,
  servingOptions,
  type ServingFlags,
} from './serving-options.ts';
import { watchSources } from './source-watch.ts';

const DEMO_LOG = fileURLToPath(new URL('../../fixtures/payments-week.log.gz', import.meta.url));

const NO_SOURCE =
  'no source: nothing is served. Name a log with --audit-log, or see the recorded one with --demo';

const DEFAULT_ADDRESS: ListenAddress = { host: '127.0.0.1', port: 8080 };

interface ServeFlags extends IngestFlags, ServingFlags {
  readonly auditLog: readonly string[];
  readonly demo: boolean;
  readonly listen?: ListenAddress;
  readonly insecure: boolean;
  readonly logLevel: LogLevel;
}

/** The command. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('follow audit logs and serve their history over HTTP')
    .description(
      'Follows audit logs through rotation and serves the history of every object in them over HTTP. ' +
        'Answers come from what is read so far; /apis/kubeprovenance.cloudark.io/v1/sources says how far behind that is.',
    )
    .addOption(
      new Option(
        '--audit-log <path...>',
        'audit logs to follow: files (with their rotated backups), folders, globs, or - for standard input',
      ).default([], 'none'),
    )
    .addOption(
      new Option(
        '--demo',
        'serve the recorded log that ships with the project, unless --audit-log names one',
      ).default(false),
    )
    .addOption(
      new Option(
        '--listen <address>',
        'address and port for plain HTTP, where everybody may ask everything; port 0 takes a free one ' +
          '(default: 127.0.0.1:8080, and none with --secure-port)',
      ).argParser(parseListenAddress),
    )
    .addOption(new Option('--insecure', 'allow --listen on an address that others can reach').default(false));
  for (const option of [...servingOptions(), ...ingestOptions()]) command.addOption(option);
  return command
    .addOption(
      new Option('--log-level <level>', 'how much to log, to standard error')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  kubeprovenance serve --audit-log /var/log/kubernetes/audit/audit.log\n' +
        '  kubeprovenance serve --demo\n' +
        '  kubeprovenance serve --audit-log /var/log/kubernetes/audit/audit.log --secure-port 8443 \\\n' +
        '    --tls-cert-file tls.crt --tls-private-key-file tls.key --kubeconfig kubeconfig\n',
    )
    .allowExcessArguments()
    .action(async (flags: ServeFlags, called: Command) => {
      refuseLostPaths(called.args, process.env);
      refuseLostServingFlags(flags, (attribute) => called.getOptionValueSource(attribute) === 'cli');
      await serve(flags);
    });
}

/**
 * `npm start --audit-log X` keeps the option for npm itself and hands on X, or nothing at all where it is `--audit-log=X`:
 * what is wrong there is the missing `--`.
 */
function refuseLostPaths(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const [path = env['npm_config_audit_log']] = args;
  if (path === undefined) return;
  throw new UsageError(
    `serve takes a log as an option: --audit-log ${path}. Through npm, options come after a --: npm start -- --audit-log ${path}`,
  );
}

async function serve(flags: ServeFlags): Promise<void> {
  const logger = createLogger(flags.logLevel);
  const paths = flags.auditLog.length === 0 && flags.demo ? [DEMO_LOG] : flags.auditLog;
  if (flags.listen !== undefined) refuseOpenAddress(flags.listen, flags.insecure);
  if (flags.securePort !== undefined) servingFiles(flags);
  if (flags.dataDir !== undefined) await prepareDataDir(flags.dataDir);
  const redactor = await prepareRedactor(flags);
  const stop = new AbortController();
  stopOnSignals(stop, logger);
  // While requests are still answered, so is what they wait for: reading ends after the last of them.
  const stopReading = new AbortController();
  const store = new PlainStore();
  // The sources are known before anybody can ask: else the first answers would be that there are none.
  const ingest = await startIngest(
    paths,
    store,
    {
      follow: true,
      lineLengthMax: flags.lineLengthMax,
      ignoredResources: flags.ignoreResource,
      redactor,
    },
    stopReading.signal,
  );
  // Should it fail before the server listens, untilStopped tells; until then it only must not count as unhandled.
  ingest.done.catch(() => undefined);
  let listeners: readonly Listener[] = [];
  try {
    listeners = await listenAll(flags, stop.signal, {
      reader: store,
      logger,
      version: packageJson.version,
      now: () => micros(Date.now() * 1000),
      metrics: createMetrics(store, packageJson.version),
      requestsInFlightMax: flags.maxRequestsInflight,
      requestTimeoutMs: flags.requestTimeout,
      isRedacted: redactor.isRedacted,
    });
    for (const { url } of listeners) logger.info({ url, paths }, 'listening');
    watchSources(store, () => ingest.problems(), logger, stop.signal);
    const [first] = listeners;
    if (paths.length === 0) logger.warn(NO_SOURCE);
    else if (first !== undefined) announceWhenRead(store, first.url, paths, stop.signal);
    await untilStopped(stop.signal, ingest.done);
    await setTimeout(flags.shutdownDelayDuration);
  } finally {
    stop.abort();
    await Promise.all(listeners.map((listener) => listener.close()));
    stopReading.abort();
  }
  await ingest.done;
  logger.info('stopped');
}

/** The listeners: the one that authenticates, the plain one, or both. */
async function listenAll(
  flags: ServeFlags,
  stopped: AbortSignal,
  shared: SharedAppOptions,
): Promise<readonly Listener[]> {
  const readyChecks: readonly HealthCheck[] = [{ name: 'shutdown', isHealthy: () => !stopped.aborted }];
  const { securePort, listen: address = securePort === undefined ? DEFAULT_ADDRESS : undefined } = flags;
  const plain = address === undefined ? [] : [await listenPlainly(address, shared, readyChecks)];
  if (securePort === undefined) return plain;
  try {
    const secure = await listenSecurely({ ...flags, securePort }, shared, readyChecks, stopped);
    return secure === undefined ? plain : [...plain, secure];
  } catch (error) {
    await Promise.all(plain.map((listener) => listener.close()));
    throw error;
  }
}

/** @throws ListenError in words that say what to do */
async function listenPlainly(
  address: ListenAddress,
  shared: SharedAppOptions,
  readyChecks: readonly HealthCheck[],
): Promise<Listener> {
  // Who has said --insecure is asked for by any name.
  const hosts = isLoopback(address) ? { isHostAllowed: isLoopbackHost } : {};
  try {
    return await startServer(createApp({ ...shared, ...hosts, readyChecks }), address);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot listen (${reason}): choose another address with --listen, such as 127.0.0.1:8081; port 0 takes a free one`;
    throw new ListenError(message, { cause: error });
  }
}

/** Aborts at the first SIGINT or SIGTERM. A second one ends the process as it would without us. */
function stopOnSignals(stop: AbortController, logger: Logger): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      logger.info({ signal: name }, 'stopping');
      stop.abort();
    });
  }
}

/** Waits for the signal. Sources may end before (standard input does); if the pipeline fails, so does the server. */
async function untilStopped(stopped: AbortSignal, pipelineDone: Promise<void>): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (stopped.aborted) resolve();
    else stopped.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([aborted, pipelineDone.then(() => aborted)]);
}
