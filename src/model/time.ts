/**
 * Time as audit events have it: microseconds since the epoch (metav1.MicroTime), exact in a double until the year 2255.
 */

/** Microseconds since 1970-01-01T00:00:00Z. */
export type Micros = number & { readonly __brand: 'Micros' };

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** An RFC 3339 time as microseconds (finer digits are cut), or undefined where the text is not one. */
export function parseTime(text: string): Micros | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const hour = Number(match[4]);
  const minute = Number(match[5]);
  const second = Number(match[6]);
  const zoneHour = Number(match[9] ?? 0);
  const zoneMinute = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined;
  const midnightMs = dayMillis(Number(match[1]), Number(match[2]), Number(match[3]));
  if (midnightMs === undefined) return undefined;
  const zoneSeconds = (zoneHour * 60 + zoneMinute) * 60 * (match[8] === '-' ? -1 : 1);
  const seconds = midnightMs / 1000 + (hour * 60 + minute) * 60 + second - zoneSeconds;
  return micros(seconds * 1_000_000 + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6)));
}

/** Midnight of a day, UTC; undefined where there is no such day (Date.UTC rolls the 30th of February over to March). */
function dayMillis(year: number, month: number, day: number): number | undefined {
  const millis = Date.UTC(year, month - 1, day);
  const date = new Date(millis);
  // Date.UTC takes the years 0 to 99 for 1900 to 1999: no audit event is that old.
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? millis
    : undefined;
}

/** `2026-11-22T14:21:19.278000Z`: RFC 3339 in UTC with six digits, as metav1.MicroTime is written. */
export function formatTime(time: Micros): string {
  const seconds = Math.floor(time / 1_000_000);
  const fraction = String(time - seconds * 1_000_000).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Brands a number of microseconds. */
export function micros(value: number): Micros {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where a Micros is made
  return value as Micros;
}

const UNIT_MICROS: Readonly<Record<string, number>> = {
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
  w: 604_800_000_000,
};

/**
 * A point in time as a person writes it: RFC 3339, `now`, or a duration before now (`-2h`, `now-90m`, `now-7d`).
 * @returns undefined where the text is none of these
 */
export function parseTimeOrAgo(text: string, now: Micros): Micros | undefined {
  if (text === 'now') return now;
  const match = /^(?:now)?-(\d{1,9})([smhdw])$/.exec(text);
  if (match === null) return parseTime(text);
  return micros(now - Number(match[1]) * (UNIT_MICROS[match[2] ?? ''] ?? 0));
}
