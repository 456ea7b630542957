/** `versions` as `git log` would show them: the newest first. */
import type { VersionItem, VersionList } from '../../model/query/versions.ts';
import { whoText } from './people.ts';
import { joinBlocks, labelled, prefixed, printable } from './printable.ts';

/** A block for each version, under it what it changed. */
export function versionsText({ items, terminating }: VersionList): string {
  const blocks = items.map((item, index) => [
    ...headLines(item, index === items.length - 1),
    '',
    ...prefixed('    ', changeLines(item, items[index - 1])),
  ]);
  const pending =
    terminating === undefined
      ? []
      : [[`deletion pending since ${terminating.since}, asked for by ${whoText(terminating)}`]];
  return joinBlocks([...pending, ...blocks.toReversed()]);
}

function headLines(item: VersionItem, isLatest: boolean): string[] {
  const marks = [
    ...(isLatest ? ['latest'] : []),
    ...(item.deleted ? ['deleted'] : []),
    ...(item.terminating ? ['terminating'] : []),
  ];
  return [
    `version ${item.version}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`,
    ...labelled([
      ['Operation', item.operation],
      ['User', whoText(item)],
      ['Agent', item.userAgent === '' ? undefined : printable(item.userAgent)],
      ['From', item.sourceIPs.length === 0 ? undefined : printable(item.sourceIPs.join(', '))],
      ['Date', item.timestamp],
      ['Fidelity', item.fidelity],
      ['Audit-ID', printable(item.auditID)],
    ]),
  ];
}

function changeLines(item: VersionItem, before: VersionItem | undefined): string[] {
  const { changed, revealed = [], completedBy } = item;
  if (item.deleted) {
    return [completedBy === undefined ? 'deleted' : `deleted; completed by ${printable(completedBy.user)}`];
  }
  if (changed !== null) {
    const shown = pathLines('first shown here, may be older:', revealed);
    if (changed.length > 0) return [...pathLines('changed:', changed), ...shown];
    return shown.length === 0 ? ['changed: nothing'] : shown;
  }
  if (item.fidelity === 'unknown') return ['changed: not recorded'];
  if (before?.fidelity === 'unknown' && before.uid === item.uid) {
    return [`changed: not known, for the content of ${before.version} was not recorded`];
  }
  return [item.operation === 'create' ? 'created' : 'first version of this uid'];
}

/** Paths below each other, the label before the first. */
function pathLines(label: string, paths: readonly string[]): string[] {
  return paths.map((path, index) => `${index === 0 ? label : ' '.repeat(label.length)} ${printable(path)}`);
}
