/**
 * Property tests with a seed that is printed, so that every failure can be run again.
 *
 * `SEED=123 npm run unit` repeats a run; `RUNS=10000` makes it longer.
 */
import fc from 'fast-check';

const seed = Number(process.env['SEED'] ?? Date.now() % 2_147_483_647);
const runs = process.env['RUNS'];

/** Asserts a property over generated values. The seed stands in the failure's message and on stderr once per file. */
export function checkProperty<Values extends [unknown, ...unknown[]]>(
  property: fc.IProperty<Values>,
  options: { readonly runs?: number } = {},
): void {
  announceSeed();
  fc.assert(property, { seed, numRuns: runs === undefined ? (options.runs ?? 200) : Number(runs) });
}

/** The same for properties with asynchronous predicates. */
export async function checkAsyncProperty<Values extends [unknown, ...unknown[]]>(
  property: fc.IAsyncProperty<Values>,
  options: { readonly runs?: number } = {},
): Promise<void> {
  announceSeed();
  await fc.assert(property, { seed, numRuns: runs === undefined ? (options.runs ?? 100) : Number(runs) });
}

let announced = false;

function announceSeed(): void {
  if (announced) return;
  announced = true;
  process.stderr.write(`# properties: SEED=${seed}\n`);
}
