/** `spechistory` as `git log` would show it: the newest first, each version with its whole spec. */
import type { SpecHistory, SpecHistoryItem } from '../../model/query/spec-history.ts';
import { whoText } from './people.ts';
import { joinBlocks, labelled, prefixed } from './printable.ts';
import { valueLines } from './value-lines.ts';

/** A block for each version, under it what it held. */
export function specHistoryText({ items }: SpecHistory): string {
  return joinBlocks(items.toReversed().map(versionLines));
}

function versionLines(item: SpecHistoryItem): string[] {
  return [...headLines(item), '', ...heldLines(item)];
}

function headLines(item: SpecHistoryItem): string[] {
  return [
    `version ${item.version}${item.deleted ? ' (deleted)' : ''}`,
    ...labelled([
      ['User', whoText(item)],
      ['Date', item.timestamp],
      ['Fidelity', item.fidelity],
    ]),
  ];
}

function heldLines(item: SpecHistoryItem): string[] {
  const held = item.spec ?? item.content ?? null;
  if (held !== null) return prefixed('    ', valueLines(held));
  if (item.deleted) return ['    deleted'];
  return [item.fidelity === 'unknown' ? '    not recorded' : '    no spec'];
}
