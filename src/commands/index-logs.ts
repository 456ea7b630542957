/** `index`: reads logs to their end and says what they hold. */
import { constants } from 'node:os';
import { Command, Option } from 'commander';
import { stringifyJson } from '../model/json.ts';
import type { SourceStatus } from '../model/source-status.ts';
import { PlainStore } from '../model/store/plain-store.ts';
import { prepareDataDir } from './data-dir.ts';
import { startIngest } from './ingest.ts';
import { type IngestFlags, ingestOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { prepareRedactor } from './redaction-key.ts';
import { renderSummary, type Summary, summarize } from './summary.ts';

interface IndexFlags extends IngestFlags {
  readonly output: 'json' | 'text';
}

/** The command. */
export function indexCommand(): Command {
  const command = new Command('index')
    .summary('read audit logs to their end and say what they hold')
    .description(
      'Reads audit logs to their end, as fast as it can, and prints what they hold: bytes, seconds, events, ' +
        'versions, objects, what was dropped and why, and the peak memory.',
    )
    .argument(
      '<path...>',
      'audit logs: files (with their rotated backups), folders, globs, or - for standard input',
    );
  for (const option of ingestOptions()) command.addOption(option);
  return command
    .addOption(
      new Option('-o, --output <format>', 'how to print the summary')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  kubeprovenance index /var/log/kubernetes/audit/audit.log\n' +
        "  kubeprovenance index 'exports/*.log.gz' --output json\n" +
        '  zcat old.log.gz | kubeprovenance index -\n',
    )
    .action(async (paths: readonly string[], flags: IndexFlags) => {
      const store = new PlainStore();
      const summary = await indexLogs(paths, flags, store);
      process.stdout.write(
        flags.output === 'json' ? `${stringifyJson(summary, 2)}\n` : renderSummary(summary),
      );
      process.stderr.write(hints(store.sources()));
    });
}

async function indexLogs(paths: readonly string[], flags: IndexFlags, store: PlainStore): Promise<Summary> {
  if (flags.dataDir !== undefined) await prepareDataDir(flags.dataDir);
  const redactor = await prepareRedactor(flags);
  const startMs = performance.now();
  const ingest = await startIngest(
    paths,
    store,
    {
      follow: false,
      lineLengthMax: flags.lineLengthMax,
      ignoredResources: flags.ignoreResource,
      redactor,
    },
    new AbortController().signal,
  );
  const progress = showProgress(() => store.sources());
  exitOnSignals(() => progress.stop());
  try {
    await ingest.done;
  } finally {
    progress.stop();
  }
  return summarize(store, (performance.now() - startMs) / 1000);
}

/** There is nothing to save: an interrupted run leaves the terminal as it was, and ends as the shell expects. */
function exitOnSignals(restore: () => void): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      restore();
      process.exit(128 + constants.signals[name]);
    });
  }
}

/** Lines about sources that are no audit logs, as it seems. */
function hints(sources: readonly SourceStatus[]): string {
  return sources
    .filter(({ events }) => events === 0)
    .map(({ name }) => `hint: no audit event in ${name}: is this an audit log?\n`)
    .join('');
}
