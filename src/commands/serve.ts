/**
 * `serve`: follows audit logs and answers questions about them over HTTP.
 *
 * The recorded log that ships with the project is served only with --demo and without any source of one's own: a server
 * without a source says so and serves nothing.
 */
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import packageJson from '../../package.json' with { type: 'json' };
import { createApp } from '../http/app.ts';
import { isLoopbackHost } from '../http/loopback-host.ts';
import { type RunningServer, startServer } from '../http/server.ts';
import { PlainStore } from '../model/store/plain-store.ts';
import { micros } from '../model/time.ts';
import { prepareDataDir } from './data-dir.ts';
import { ListenError, UsageError } from './errors.ts';
import { announceWhenRead } from './greeting.ts';
import { startIngest } from './ingest.ts';
import { parseListenAddress, type ListenAddress } from './listen-address.ts';
import { createLogger, LOG_LEVELS, type LogLevel } from './logging.ts';
import { type IngestFlags, ingestOptions } from './options.ts';
import { watchSources } from './source-watch.ts';

const DEMO_LOG = fileURLToPath(new URL('../../fixtures/payments-week.log.gz', import.meta.url));

const NO_SOURCE =
  'no source: nothing is served. Name a log with --audit-log, or see the recorded one with --demo';

interface ServeFlags extends IngestFlags {
  readonly auditLog: readonly string[];
  readonly demo: boolean;
  readonly listen: ListenAddress;
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
      new Option('--listen <address>', 'loopback address and port for plain HTTP; port 0 takes a free one')
        .default({ host: '127.0.0.1', port: 8080 }, '127.0.0.1:8080')
        .argParser(parseListenAddress),
    );
  for (const option of ingestOptions()) command.addOption(option);
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
        '  kubeprovenance serve --demo\n',
    )
    .allowExcessArguments()
    .action(async (flags: ServeFlags, { args }: Command) => {
      refuseLostPaths(args, process.env);
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
  if (flags.dataDir !== undefined) await prepareDataDir(flags.dataDir);
  const stop = new AbortController();
  stopOnSignals(stop, logger);
  const store = new PlainStore();
  const app = createApp({
    reader: store,
    logger,
    version: packageJson.version,
    now: () => micros(Date.now() * 1000),
    metrics: new Registry(),
    isHostAllowed: isLoopbackHost,
  });
  // The sources are known before anybody can ask: else the first answers would be that there are none.
  const ingest = await startIngest(
    paths,
    store,
    { follow: true, lineLengthMax: flags.lineLengthMax, ignoredResources: flags.ignoreResource },
    stop.signal,
  );
  // Should it fail before the server listens, untilStopped tells; until then it only must not count as unhandled.
  ingest.done.catch(() => undefined);
  let server: RunningServer | undefined;
  try {
    server = await listen(app, flags.listen);
    logger.info({ url: server.url, paths }, 'listening');
    watchSources(store, () => ingest.problems(), logger, stop.signal);
    if (paths.length === 0) logger.warn(NO_SOURCE);
    else announceWhenRead(store, server.url, paths, stop.signal);
    await untilStopped(stop.signal, ingest.done);
  } finally {
    stop.abort();
    await server?.close();
  }
  logger.info('stopped');
}

/** @throws ListenError in words that say what to do */
async function listen(app: ReturnType<typeof createApp>, address: ListenAddress): Promise<RunningServer> {
  try {
    return await startServer(app, address);
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
  await pipelineDone;
}
