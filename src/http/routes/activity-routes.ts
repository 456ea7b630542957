/** The questions about many objects: what actions have been executed, and how many deployments occurred. */
import { ACTIVITY_LIMIT_MAX, listActivities, type ActivityList } from '../../model/query/activities.ts';
import { countActivities, parseGroupBy, type ActivityCounts } from '../../model/query/activity-counts.ts';
import { listRollouts } from '../../model/query/rollouts.ts';
import type { ActivityFilter } from '../../model/query/scan-actions.ts';
import { parseTimeParameter } from '../../model/query/time-parameter.ts';
import type { Micros } from '../../model/time.ts';
import { GROUP } from '../api-group.ts';
import { badParameters, integerParameter, type Parameters } from '../parameters.ts';
import type { StatusCause } from '../status.ts';
import { activitiesTable, rolloutsTable } from '../tables.ts';
import { activitiesText } from '../text/activities-text.ts';
import { rolloutsText } from '../text/rollouts-text.ts';
import { IGNORED_PAGING, ignoreLimit, listAccess } from './list-options.ts';
import { defineRoute, type RouteRequest } from './route.ts';

const SPAN = ['since', 'until'] as const;

/** The actions, newest first, or how many there are of each user, verb, resource, namespace or day. */
export const activitiesRoute = defineRoute<ActivityList | ActivityCounts>({
  paths: ['/namespaces/:namespace/activities', '/activities'],
  parameters: { names: ['user', 'verb', 'resource', 'name', ...SPAN, 'limit', 'continue', 'groupBy'] },
  needsSource: true,
  subject: () => ({ group: GROUP, kind: 'activities' }),
  access: listAccess('activities'),
  answer: (request) => {
    const { reader, parameters, asker, signal } = request;
    const options = { visibility: asker.visibility, signal };
    const filter = filterOf(request);
    const limit = integerParameter(parameters, 'limit', { min: 1, max: ACTIVITY_LIMIT_MAX });
    const groupBy = parameters.get('groupBy');
    if (groupBy === undefined) {
      // client-go sends an empty `continue` for the first page.
      const from = parameters.get('continue') || undefined;
      return listActivities(reader, { ...filter, limit, continue: from }, options);
    }
    refusePaging(parameters);
    return countActivities(reader, filter, parseGroupBy(groupBy), options);
  },
  text: activitiesText,
  table: activitiesTable,
  warnings: (answer) => (answer.kind === 'ActivityCounts' ? incompleteWarnings(answer) : []),
});

/** The changes of pod templates, workload by workload. */
export const rolloutsRoute = defineRoute({
  paths: ['/namespaces/:namespace/rollouts', '/rollouts'],
  parameters: { names: [...SPAN, ...IGNORED_PAGING] },
  needsSource: true,
  subject: () => ({ group: GROUP, kind: 'rollouts' }),
  access: listAccess('rollouts'),
  answer: (request) => {
    const { reader, path, parameters, asker, signal } = request;
    ignoreLimit(parameters);
    const query = { namespace: path.namespace, ...spanOf(request) };
    return listRollouts(reader, query, { visibility: asker.visibility, signal });
  },
  text: rolloutsText,
  table: rolloutsTable,
  warnings: incompleteWarnings,
});

/** What to say of an answer in which something is missing, in ASCII. */
function incompleteWarnings({ incomplete }: { readonly incomplete?: true }): readonly string[] {
  if (incomplete !== true) return [];
  return [
    'incomplete: there are more objects that you may only read by their names than one answer checks; ask by namespace, resource or name',
  ];
}

function filterOf(request: RouteRequest): ActivityFilter {
  const { path, parameters } = request;
  return {
    user: parameters.get('user'),
    verb: parameters.get('verb'),
    resource: parameters.get('resource'),
    name: parameters.get('name'),
    namespace: path.namespace,
    ...spanOf(request),
  };
}

function spanOf({ parameters, now }: RouteRequest): { since: Micros | undefined; until: Micros | undefined } {
  const time = (name: string): Micros | undefined => {
    const text = parameters.get(name);
    return text === undefined ? undefined : parseTimeParameter(text, now, name);
  };
  return { since: time('since'), until: time('until') };
}

/** Counts are of all actions that fit: a page of them would be wrong in silence. */
function refusePaging(parameters: Parameters): void {
  const causes = ['limit', 'continue']
    .filter((field) => parameters.has(field))
    .map((field): StatusCause => {
      const message = `${field} does not go with groupBy, which counts all actions: leave one of them out`;
      return { reason: 'FieldValueInvalid', message, field };
    });
  if (causes.length > 0) throw badParameters(causes);
}
