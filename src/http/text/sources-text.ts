/** `sources` for a person. */
import type { SourceItem, SourceList } from '../../model/query/sources.ts';
import { columns, joinBlocks, joinLines, labelled, prefixed, printable } from './printable.ts';

/** A block for each source; the reasons for which events were dropped stand below it, the most frequent first. */
export function sourcesText(list: SourceList): string {
  if (list.items.length === 0)
    return joinLines(['No sources: start the server with --audit-log and a path.']);
  return joinBlocks(list.items.map(sourceBlock));
}

function sourceBlock(source: SourceItem): string[] {
  const { position, problem } = source;
  const head = labelled([
    ['Position', position === null ? 'at the start' : `${printable(position.file)}, byte ${position.offset}`],
    ['Behind', `${source.bytesBehind} bytes`],
    ['Read', `${source.bytesRead} bytes`],
    ['Events', String(source.events)],
    ['Versions', String(source.versions)],
    ['Problem', problem === undefined ? undefined : printable(problem)],
  ]);
  return [`source ${printable(source.name)}`, ...head, ...droppedLines(source)];
}

function droppedLines({ dropped }: SourceItem): string[] {
  const counts = Object.entries(dropped).filter(([, count]) => count > 0);
  if (counts.length === 0) return [];
  const sorted = counts.sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return ['', ...prefixed('    ', columns(sorted.map(([reason, count]) => [reason, String(count)])))];
}
