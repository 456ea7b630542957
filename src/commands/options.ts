/** Options that several commands share: their words, defaults and parsing. */
import { InvalidArgumentError, Option } from 'commander';
import { POLICY_RESOURCES } from '../pipeline/filter.ts';
import { LINE_LENGTH_MAX } from '../pipeline/records.ts';
import { REDACTED_RESOURCES } from '../pipeline/redact/redactor.ts';

/** A plural, which has no dot, and the DNS name of a group. */
const RESOURCE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;

/** What `serve` and `index` read from the command line about the pipeline. */
export interface IngestFlags {
  readonly dataDir?: string;
  readonly lineLengthMax: number;
  readonly ignoreResource: readonly string[];
  readonly redactResource: readonly string[];
}

/** The options of IngestFlags. */
export function ingestOptions(): Option[] {
  return [
    new Option(
      '--data-dir <dir>',
      'directory that belongs to this index; made if it does not exist. It keeps the key of the digests that stand for ' +
        'redacted values; no snapshots are written to it yet: a restart reads the logs again',
    ),
    new Option('--line-length-max <characters>', 'longer lines are skipped and counted as over-long')
      .default(LINE_LENGTH_MAX)
      .argParser(positiveInteger),
    new Option(
      '--ignore-resource <resources>',
      "resources without history, as PLURAL[.GROUP], separated by commas; replaces the default, '' means none",
    )
      .default(POLICY_RESOURCES, POLICY_RESOURCES.join(','))
      .argParser(resourceList),
    new Option(
      '--redact-resource <resources>',
      'resources whose values are replaced by keyed digests before anything is kept, as PLURAL[.GROUP], separated by ' +
        "commas; replaces the default, '' means none",
    )
      .default(REDACTED_RESOURCES, REDACTED_RESOURCES.join(','))
      .argParser(resourceList),
  ];
}

/** Parses a positive integer. */
export function positiveInteger(text: string): number {
  if (!/^[1-9][0-9]{0,14}$/.test(text)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(text);
}

/** Parses `leases.coordination.k8s.io,events`; '' is none. */
export function resourceList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === '') return [];
  for (const name of names) {
    if (!RESOURCE.test(name)) {
      throw new InvalidArgumentError(
        `${JSON.stringify(name)} is no PLURAL or PLURAL.GROUP, such as events or leases.coordination.k8s.io.`,
      );
    }
  }
  return names;
}
