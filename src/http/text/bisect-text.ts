/** `bisect` for a person: what was asked, since when it held, and each time it did. */
import type { BisectInterval, BisectResult } from '../../model/query/bisect.ts';
import { objectText, whoText } from './people.ts';
import { columns, joinBlocks, labelled, prefixed, printable } from './printable.ts';

/** Blocks: the question, the first version, the intervals, what is not known. */
export function bisectText(result: BisectResult): string {
  const { object, query, intervals, unknownVersions = [] } = result;
  const question = [
    `bisect ${objectText(object)}`,
    ...query.map(({ field, value }) => `    ${printable(field)} = ${value === '' ? '""' : printable(value)}`),
  ];
  const unknown =
    unknownVersions.length === 0
      ? []
      : [[`not known, for not all of them was recorded: ${unknownVersions.join(', ')}`]];
  return joinBlocks([
    question,
    firstLines(result),
    ...(intervals.length === 0 ? [] : [['held', ...prefixed('    ', columns(intervals.map(intervalCells)))]]),
    ...unknown,
  ]);
}

function firstLines({ version, timestamp, user, impersonatedBy, auditID }: BisectResult): string[] {
  if (version === null) return ['never held'];
  const who = user === null ? undefined : { user, ...(impersonatedBy !== undefined && { impersonatedBy }) };
  return [
    `first held at ${version}`,
    ...labelled([
      ['User', who === undefined ? 'not known: the object was first seen so' : whoText(who)],
      ['Date', timestamp ?? undefined],
      ['Audit-ID', auditID === null ? undefined : printable(auditID)],
    ]),
  ];
}

function intervalCells({ from, to, fromTimestamp, toTimestamp, uncertain }: BisectInterval): string[] {
  return [
    to === null ? `since ${from}` : `${from} until ${to}`,
    toTimestamp === null ? `since ${fromTimestamp}` : `${fromTimestamp} until ${toTimestamp}`,
    uncertain ? 'uncertain: what is next to it was not all recorded' : '',
  ];
}
