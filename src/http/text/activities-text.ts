/** `activities` as `git log --oneline` would show them, or their counts. */
import type { Activity, ActivityList } from '../../model/query/activities.ts';
import type { ActivityCounts } from '../../model/query/activity-counts.ts';
import { countText, objectText, whoText } from './people.ts';
import { columns, joinBlocks, joinLines, printable } from './printable.ts';

/** A line for each action; a last block tells how to go on where there is more. */
export function activitiesText(answer: ActivityList | ActivityCounts): string {
  if (answer.kind === 'ActivityCounts') return countsText(answer);
  const next = answer.metadata.continue;
  const older = next === undefined ? [] : [[`older actions: continue=${next}`]];
  const lines = columns(answer.items.map(activityCells));
  return joinBlocks([lines.length === 0 ? ['no actions'] : lines, ...older]);
}

function activityCells(activity: Activity): string[] {
  const { timestamp, code, verb, object, subresource, dryRun, version } = activity;
  const what = subresource === undefined ? verb : `${verb} ${subresource} of`;
  return [
    timestamp,
    String(code),
    whoText(activity),
    `${printable(what)} ${objectText(object)}`,
    dryRun ? 'dry run' : (version ?? ''),
  ];
}

function countsText({ groupBy, total, items }: ActivityCounts): string {
  const width = String(items[0]?.count ?? 0).length;
  return joinLines([
    `${countText(total, 'action')} by ${groupBy}`,
    ...items.map(
      ({ name, count }) =>
        `    ${String(count).padStart(width)}  ${name === '' ? '(none)' : printable(name)}`,
    ),
  ]);
}
