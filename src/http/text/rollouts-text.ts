/** `rollouts` for a person: the total, then each workload's, the newest first. */
import type { ImageChange, Rollout, RolloutList, WorkloadRollouts } from '../../model/query/rollouts.ts';
import { countText, objectText, whoText } from './people.ts';
import { columns, joinBlocks, prefixed, printable } from './printable.ts';

/** A block for each workload. */
export function rolloutsText({ total, items }: RolloutList): string {
  return joinBlocks([[countText(total, 'rollout')], ...items.map(workloadLines)]);
}

function workloadLines({ object, count, rollouts }: WorkloadRollouts): string[] {
  const rows = columns(rollouts.toReversed().map(rolloutCells));
  return [`${objectText(object)} (${countText(count, 'rollout')})`, ...prefixed('    ', rows)];
}

function rolloutCells(rollout: Rollout): string[] {
  return [rollout.version, rollout.timestamp, whoText(rollout), changeText(rollout)];
}

/** What changed, in a line. */
export function changeText({ images, changed, returnsTo, uncertain, fidelity }: Rollout): string {
  const paths = changed === null ? 'created' : changed.map((path) => printable(path)).join(', ');
  return [
    images.length === 0 ? paths : images.map(imageText).join(', '),
    ...(returnsTo === undefined ? [] : [`(returns to ${returnsTo})`]),
    ...(uncertain ? ['(what was before was not all recorded)'] : []),
    ...(fidelity === 'unknown' ? ['(content not recorded)'] : []),
  ].join(' ');
}

function imageText({ container, from, to }: ImageChange): string {
  const change = from === undefined ? (to ?? '') : `${from} ${to === undefined ? 'removed' : `-> ${to}`}`;
  return printable(`${container}: ${change}`);
}
