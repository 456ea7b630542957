/** Options that several commands share: their words, defaults and parsing. */
import { InvalidArgumentError, Option } from 'commander';
import { POLICY_RESOURCES } from '../pipeline/filter.ts';
import { LINE_LENGTH_MAX } from '../pipeline/records.ts';

/** What `serve` and `index` read from the command line about the pipeline. */
export interface IngestFlags {
  readonly dataDir?: string;
  readonly lineLengthMax: number;
  readonly ignoreResource: readonly string[];
}

/** The options of IngestFlags. */
export function ingestOptions(): Option[] {
  return [
    new Option(
      '--data-dir <dir>',
      'directory that belongs to this index; made if it does not exist. No snapshots are written to it yet: a restart reads the logs again',
    ),
    new Option('--line-length-max <characters>', 'longer lines are skipped and counted as over-long')
      .default(LINE_LENGTH_MAX)
      .argParser(positiveInteger),
    new Option('--ignore-resource <resource...>', 'resources without history, as PLURAL[.GROUP]').default(
      POLICY_RESOURCES,
      POLICY_RESOURCES.join(' '),
    ),
  ];
}

/** Parses a positive integer. */
export function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(text);
}
