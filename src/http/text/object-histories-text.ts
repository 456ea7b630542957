/** `objecthistories` for a person: a line for each object, or a block for one. */
import type { ObjectHistoryList } from '../../model/query/object-histories.ts';
import type { ObjectChange, ObjectHistoryItem } from '../../model/query/object-history-item.ts';
import { countText, objectText, whoText } from './people.ts';
import { columns, joinBlocks, labelled, printable } from './printable.ts';

/** A line for each object; a last block tells how to go on where there is more. */
export function objectHistoriesText({ items, metadata }: ObjectHistoryList): string {
  const lines = columns(items.map(cellsOf));
  const more = metadata.continue === undefined ? [] : [[`more objects: continue=${metadata.continue}`]];
  return joinBlocks([lines.length === 0 ? ['no objects'] : lines, ...more]);
}

function cellsOf(item: ObjectHistoryItem): string[] {
  const { object, versions, lastChange } = item;
  const marks = marksOf(item);
  return [
    lastChange.timestamp,
    objectText(object),
    countText(versions, 'version'),
    whoText(lastChange),
    marks.length === 0 ? '' : `(${marks.join(', ')})`,
  ];
}

/** A block. */
export function objectHistoryText(item: ObjectHistoryItem): string {
  const { object, versions, firstSeen, lastChange, fidelity, metadata, terminating } = item;
  const marks = marksOf(item);
  const asked =
    terminating === undefined
      ? undefined
      : `since ${terminating.since}, asked for by ${whoText(terminating)}`;
  return joinBlocks([
    [
      `${objectText(object)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`,
      ...labelled([
        ['Versions', String(versions)],
        ['First', changeText(firstSeen)],
        ['Last', changeText(lastChange)],
        ['Fidelity', fidelity],
        ['UID', metadata.uid === undefined ? undefined : printable(metadata.uid)],
        ['Terminating', asked],
      ]),
    ],
  ]);
}

function marksOf({ deleted, terminating }: ObjectHistoryItem): string[] {
  return [...(deleted === true ? ['deleted'] : []), ...(terminating === undefined ? [] : ['terminating'])];
}

function changeText(change: ObjectChange): string {
  const { version, operation, timestamp } = change;
  return `${version}, ${operation} at ${timestamp} by ${whoText(change)}`;
}
