/** How many actions have been executed: by whom, on what, when. */
import type { Action } from '../action.ts';
import { QueryError } from '../errors.ts';
import { formatResource } from '../object-key.ts';
import type { Reader } from '../reader.ts';
import { formatTime } from '../time.ts';
import { API_VERSION } from './answer.ts';
import { scanActions, type ActivityFilter, type ScanOptions } from './scan-actions.ts';

/** What actions can be counted by; `resource` is qualified by its group, `day` is the UTC date. */
export const ACTIVITY_GROUPS = ['user', 'verb', 'resource', 'namespace', 'day'] as const;
export type ActivityGroup = (typeof ACTIVITY_GROUPS)[number];

/** How many actions there are of each user, verb, resource, namespace or day. */
export interface ActivityCounts {
  readonly kind: 'ActivityCounts';
  readonly apiVersion: typeof API_VERSION;
  readonly metadata: Readonly<Record<string, never>>;
  /** What they are counted by. */
  readonly groupBy: ActivityGroup;
  /** The sum of all counts. */
  readonly total: number;
  /** Some actions are not counted: it would have taken too many reviews to find out whether their reader may see them. */
  readonly incomplete?: true;
  /** The largest first, equal ones by name. */
  readonly items: readonly { readonly name: string; readonly count: number }[];
}

/** How many actions there are of each user, verb, resource, namespace or day. */
export async function countActivities(
  reader: Reader,
  filter: ActivityFilter,
  groupBy: ActivityGroup,
  options: ScanOptions = {},
): Promise<ActivityCounts> {
  const counts = new Map<string, number>();
  let total = 0;
  let isIncomplete = false;
  for await (const batch of scanActions(reader, filter, undefined, Infinity, options)) {
    for (const { action, sight } of batch) {
      if (sight === 'unchecked') {
        isIncomplete = true;
        continue;
      }
      const name = groupOf(action, groupBy);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      total += 1;
    }
  }
  const items = [...counts].map(([name, count]) => ({ name, count }));
  items.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  return {
    kind: 'ActivityCounts',
    apiVersion: API_VERSION,
    metadata: {},
    groupBy,
    total,
    ...(isIncomplete ? { incomplete: true } : {}),
    items,
  };
}

/**
 * What a text says to count by.
 * @throws QueryError PARAMETER_INVALID
 */
export function parseGroupBy(text: string): ActivityGroup {
  const group = ACTIVITY_GROUPS.find((name) => name === text);
  if (group !== undefined) return group;
  throw new QueryError(
    'PARAMETER_INVALID',
    `groupBy "${text}" is unknown: give ${ACTIVITY_GROUPS.join(', ')}`,
    {
      parameter: 'groupBy',
      candidates: ACTIVITY_GROUPS,
    },
  );
}

function groupOf({ actor, verb, object, timestamp }: Action, groupBy: ActivityGroup): string {
  switch (groupBy) {
    case 'user':
      return actor.user;
    case 'verb':
      return verb;
    case 'resource':
      return formatResource(object);
    case 'namespace':
      return object.namespace;
    default:
      return formatTime(timestamp).slice(0, 10);
  }
}
