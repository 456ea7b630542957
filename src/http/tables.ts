/**
 * The answers as tables. Every cell that holds text from outside is made fit for a terminal.
 *
 * Times are RFC 3339, not ages as kubectl's own tables have them: an age would be that of the moment the answer was made, is
 * rounded, and cannot be given back to `since` or `at`.
 */
import { formatResource } from '../model/object-key.ts';
import type { Activity, ActivityList } from '../model/query/activities.ts';
import type { ActivityCounts } from '../model/query/activity-counts.ts';
import type { ObjectIdentity } from '../model/query/answer.ts';
import { objectHistoryName, type ObjectHistoryItem } from '../model/query/object-history-item.ts';
import type { RolloutList } from '../model/query/rollouts.ts';
import type { SourceItem, SourceList } from '../model/query/sources.ts';
import type { TableColumn, TableContents, TableObject, TableRow } from './table.ts';
import { objectText, whoText } from './text/people.ts';
import { printable } from './text/printable.ts';
import { changeText } from './text/rollouts-text.ts';

const OBJECT_HISTORY_COLUMNS: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'RESOURCE[.GROUP]:NAME of the object.' },
  { name: 'Versions', type: 'integer', format: 'int64', description: 'How many versions are known.' },
  { name: 'Last Change', type: 'string', format: 'date-time', description: 'When the newest was made.' },
  { name: 'By', type: 'string', description: 'Who made the newest version.' },
  { name: 'Fidelity', type: 'string', description: 'How sure the content of the newest version is.' },
  { name: 'Operation', type: 'string', description: 'What made the newest version.', priority: 1 },
  { name: 'Resource', type: 'string', description: 'The plural of the resource.', priority: 1 },
  { name: 'Group', type: 'string', description: 'The API group; empty for the core group.', priority: 1 },
  { name: 'UID', type: 'string', description: 'The uid of the object.', priority: 1 },
];

const ACTIVITY_COLUMNS: readonly TableColumn[] = [
  { name: 'Time', type: 'string', format: 'date-time', description: 'When the request was answered.' },
  { name: 'User', type: 'string', description: 'Who sent the request.' },
  { name: 'Verb', type: 'string', description: 'What was asked for.' },
  { name: 'Object', type: 'string', description: 'Of which object or collection.' },
  { name: 'Code', type: 'integer', format: 'int64', description: 'The HTTP status code of the answer.' },
  { name: 'Version', type: 'string', description: 'The version that the request made.' },
];

const COUNT_COLUMNS: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'What the actions were counted by.' },
  { name: 'Count', type: 'integer', format: 'int64', description: 'How many actions there are of it.' },
];

const ROLLOUT_COLUMNS: readonly TableColumn[] = [
  { name: 'Workload', type: 'string', description: 'The workload that was rolled out.' },
  { name: 'Version', type: 'string', description: 'The version that did it.' },
  { name: 'Time', type: 'string', format: 'date-time', description: 'When it was made.' },
  { name: 'User', type: 'string', description: 'Who made it.' },
  { name: 'Change', type: 'string', description: 'What changed in the template of its pods.' },
];

const SOURCE_COLUMNS: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name', description: 'The path of the log.' },
  { name: 'Events', type: 'integer', format: 'int64', description: 'Events that were read.' },
  { name: 'Versions', type: 'integer', format: 'int64', description: 'Versions that they made.' },
  { name: 'Behind', type: 'integer', format: 'int64', description: 'Bytes that are not read yet.' },
];

/** One object history, or a page of them. */
export function objectHistoriesTable(items: readonly ObjectHistoryItem[], next?: string): TableContents {
  return { columns: OBJECT_HISTORY_COLUMNS, rows: items.map(objectHistoryRow), continue: next };
}

function objectHistoryRow(item: ObjectHistoryItem): TableRow {
  const { metadata, object, versions, lastChange, fidelity } = item;
  const { timestamp, operation } = lastChange;
  const wide = [operation, object.resource, object.group, metadata.uid ?? ''].map(printable);
  return {
    cells: [printable(metadata.name), versions, timestamp, whoText(lastChange), fidelity, ...wide],
    object: item,
  };
}

/** A page of actions, or their counts. */
export function activitiesTable(answer: ActivityList | ActivityCounts): TableContents {
  if (answer.kind === 'ActivityCounts') {
    const { apiVersion, items } = answer;
    const rows = items.map((item): TableRow => ({
      cells: [printable(item.name), item.count],
      object: { kind: 'ActivityCount', apiVersion, metadata: { name: item.name }, ...item },
    }));
    return { columns: COUNT_COLUMNS, rows };
  }
  const rows = answer.items.map((activity) => activityRow(activity, answer.apiVersion));
  return { columns: ACTIVITY_COLUMNS, rows, continue: answer.metadata.continue };
}

function activityRow(activity: Activity, apiVersion: string): TableRow {
  const { timestamp, verb, object, subresource, code, dryRun, version, auditID } = activity;
  const what = subresource === undefined ? verb : `${verb} ${subresource}`;
  return {
    cells: [
      timestamp,
      whoText(activity),
      printable(what),
      objectText(object),
      code,
      dryRun === true ? 'dry run' : (version ?? ''),
    ],
    // Not every event has an audit ID, but every object has a name.
    object: itemOf('Activity', apiVersion, auditID === '' ? timestamp : auditID, object, activity),
  };
}

/** A row for each rollout, the newest first, whatever its workload. */
export function rolloutsTable({ items, apiVersion }: RolloutList): TableContents {
  const all = items.flatMap(({ object, rollouts }) => rollouts.map((rollout) => ({ object, rollout })));
  // Formatted times have one length: their order is that of their texts.
  all.sort((a, b) => (a.rollout.timestamp < b.rollout.timestamp ? 1 : -1));
  const rows = all.map(({ object, rollout }): TableRow => {
    const { version, timestamp } = rollout;
    const name = `${objectHistoryName(object)}:${version}`;
    const workload = printable(`${formatResource(object)}/${object.name}`);
    return {
      cells: [workload, version, timestamp, whoText(rollout), changeText(rollout)],
      object: itemOf('Rollout', apiVersion, name, object, { object, ...rollout }),
    };
  });
  return { columns: ROLLOUT_COLUMNS, rows };
}

/** A row for each source. */
export function sourcesTable({ items, apiVersion }: SourceList): TableContents {
  const rows = items.map((source: SourceItem): TableRow => {
    const { name, events, versions, bytesBehind } = source;
    return {
      cells: [printable(name), events, versions, bytesBehind],
      object: { kind: 'Source', apiVersion, metadata: { name }, ...source },
    };
  });
  return { columns: SOURCE_COLUMNS, rows };
}

/** An item of a list, which has no name of its own, as an object in the namespace of what it is about. */
function itemOf(
  kind: string,
  apiVersion: string,
  name: string,
  { namespace }: ObjectIdentity,
  item: object,
): TableObject {
  const metadata = { name, ...(namespace === '' ? {} : { namespace }) };
  return { kind, apiVersion, metadata, ...item };
}
