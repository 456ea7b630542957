/**
 * `diff` as `git diff` would show it: what differs under a heading for each path, long texts line by line.
 */
import type { Change } from '../../model/query/changes.ts';
import type { DiffEnd, DiffResult } from '../../model/query/diff.ts';
import { diffLines } from './diff-lines.ts';
import { objectText, whoText } from './people.ts';
import { joinLines, prefixed, printable, textLines } from './printable.ts';
import { valueLines } from './value-lines.ts';

/** The two versions, then each change. */
export function diffText({ object, start, startUnknown, end, field, changes }: DiffResult): string {
  const nothing = startUnknown ? '(not recorded)' : 'nothing';
  const head = [
    `diff ${objectText(object)} ${start?.version ?? nothing} ${end.version}`,
    `--- ${start === null ? nothing : endText(start)}`,
    `+++ ${endText(end)}`,
  ];
  if (changes.length > 0) return joinLines([...head, ...changes.flatMap(changeLines)]);
  return joinLines([...head, field === undefined ? 'no difference' : `no difference in ${printable(field)}`]);
}

function endText(end: DiffEnd): string {
  const marks = [
    ...(end.deleted ? ['deleted'] : []),
    ...(end.fidelity === 'exact' || end.deleted ? [] : [end.fidelity]),
  ];
  return `${end.version} ${end.timestamp} ${whoText(end)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
}

function changeLines({ path, from, to, reordered, revealed, unrecorded }: Change): string[] {
  const marks = [
    ...(reordered ? [' (reordered)'] : []),
    ...(revealed ? [' (not recorded before: may be older)'] : []),
    ...(unrecorded ? [' (not recorded after: may be there still)'] : []),
  ];
  const heading = `@ ${printable(path)}${marks.join('')} @`;
  const [before, after] = [textLines(from), textLines(to)];
  if (before !== undefined && after !== undefined) {
    const lines = diffLines(before, after);
    // Only what has no line of its own differs: the newline at the end.
    return [heading, ...(lines.length === 0 ? ['  the newline at the end of the text'] : lines)];
  }
  return [heading, ...marked('-', from), ...marked('+', to)];
}

function marked(mark: '-' | '+', value: Change['from']): string[] {
  return value === undefined ? [] : prefixed(`${mark} `, valueLines(value));
}
