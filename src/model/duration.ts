/** Durations as Go's time.ParseDuration reads them, without sign and below a second's thousandth: `1m30s`, `500ms`, `2h`. */

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const DURATION = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h))+$/;
const PART = /([\d.]+)(ms|s|m|h)/g;

/** Milliseconds; undefined where the text is no duration. `0` needs no unit. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (!DURATION.test(text)) return undefined;
  let sumMs = 0;
  for (const [, number, unit = ''] of text.matchAll(PART)) sumMs += Number(number) * (UNIT_MS.get(unit) ?? 0);
  return sumMs;
}
