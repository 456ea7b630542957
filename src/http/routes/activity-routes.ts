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
import { activitiesText } from '../text/activities-text.ts';
import { rolloutsText } from '../text/rollouts-text.ts';
import { defineRoute, type RouteRequest } from './route.ts';

const SPAN = ['since', 'until'] as const;

/** The actions, newest first, or how many there are of each user, verb, resource, namespace or day. */
export const activitiesRoute = defineRoute<ActivityList | ActivityCounts>({
  paths: ['/namespaces/:namespace/activities', '/activities'],
  parameters: { names: ['user', 'verb', 'resource', 'name', ...SPAN, 'limit', 'continue', 'groupBy'] },
  needsSource: true,
  subject: () => ({ group: GROUP, kind: 'activities' }),
  answer: (request) => {
    const { reader, parameters } = request;
    const filter = filterOf(request);
    const limit = integerParameter(parameters, 'limit', { min: 1, max: ACTIVITY_LIMIT_MAX });
    const groupBy = parameters.get('groupBy');
    if (groupBy === undefined) {
      // client-go sends an empty `continue` for the first page.
      return listActivities(reader, { ...filter, limit, continue: parameters.get('continue') || undefined });
    }
    refusePaging(parameters);
    return countActivities(reader, filter, parseGroupBy(groupBy));
  },
  text: activitiesText,
});

/** The changes of pod templates, workload by workload. */
export const rolloutsRoute = defineRoute({
  paths: ['/namespaces/:namespace/rollouts', '/rollouts'],
  parameters: { names: SPAN },
  needsSource: true,
  subject: () => ({ group: GROUP, kind: 'rollouts' }),
  answer: (request) =>
    listRollouts(request.reader, { namespace: request.path.namespace, ...spanOf(request) }),
  text: rolloutsText,
});

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
