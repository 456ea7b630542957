/** Times in questions. */
import { QueryError } from '../errors.ts';
import { parseTimeOrAgo, type Micros } from '../time.ts';

/** The forms in which a time may be given, for messages. */
export const TIME_FORMS = 'an RFC 3339 time such as 2026-11-22T14:21:19Z, or one relative to now such as -2h';

/**
 * A point in time.
 * @throws QueryError TIME_MALFORMED
 */
export function parseTimeParameter(text: string, now: Micros, parameter: string): Micros {
  const time = parseTimeOrAgo(text, now);
  if (time !== undefined) return time;
  throw new QueryError(
    'TIME_MALFORMED',
    `${parameter} "${text}" is no time: give ${TIME_FORMS}${plusHint(text)}`,
    {
      parameter,
    },
  );
}

/** Where a `+02:00` was taken for a space on its way through a URL, a word about it. */
export function plusHint(text: string): string {
  return / \d{2}:\d{2}$/.test(text) ? '; in a URL, the "+" of a time zone is written %2B' : '';
}
