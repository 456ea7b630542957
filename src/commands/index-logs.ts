/** `index`: reads logs to their end and says what they hold. */
import { Command, Option } from 'commander';
import { stringifyJson } from '../model/json.ts';
import { PlainStore } from '../model/store/plain-store.ts';
import { prepareDataDir } from './data-dir.ts';
import { startIngest } from './ingest.ts';
import { type IngestFlags, ingestOptions } from './options.ts';
import { showProgress } from './progress.ts';
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
      const summary = await indexLogs(paths, flags);
      process.stdout.write(
        flags.output === 'json' ? `${stringifyJson(summary, 2)}\n` : renderSummary(summary),
      );
    });
}

async function indexLogs(paths: readonly string[], flags: IndexFlags): Promise<Summary> {
  if (flags.dataDir !== undefined) await prepareDataDir(flags.dataDir);
  const store = new PlainStore();
  const interrupted = new AbortController();
  const startMs = performance.now();
  const ingest = await startIngest(
    paths,
    store,
    { follow: false, lineLengthMax: flags.lineLengthMax, ignoredResources: flags.ignoreResource },
    interrupted.signal,
  );
  const progress = showProgress(() => store.sources());
  try {
    await ingest.done;
  } finally {
    progress.stop();
  }
  return summarize(store, (performance.now() - startMs) / 1000);
}
