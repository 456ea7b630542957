/** Options that take a duration. */
import { InvalidArgumentError, Option } from 'commander';
import { parseDurationMs } from '../model/duration.ts';

/** Which durations an option takes: others are a slip of the pen, and a timer of over 24.8 days ends at once. */
export interface DurationBounds {
  readonly minMs: number;
  readonly maxMs: number;
  /** The bounds in words. */
  readonly words: string;
}

/** An option whose value is in whole milliseconds. */
export function durationOption(
  flags: string,
  description: string,
  valueMs: number,
  { minMs, maxMs, words }: DurationBounds,
): Option {
  return new Option(flags, description).default(valueMs, `${valueMs / 1000}s`).argParser((text: string) => {
    const ms = Math.round(parseDurationMs(text) ?? Number.NaN);
    if (ms >= minMs && ms <= maxMs) return ms;
    throw new InvalidArgumentError(`It must be a duration ${words}, such as 30s or 1m30s.`);
  });
}
