/** Every route of the API group. */
import { activitiesRoute, rolloutsRoute } from './activity-routes.ts';
import { objectHistoriesRoute, objectHistoryRoute } from './object-histories.ts';
import { bisectRoute, diffRoute, manifestRoute, specHistoryRoute, versionsRoute } from './object-routes.ts';
import type { Route } from './route.ts';
import { sourcesRoute } from './sources.ts';

export const ROUTES: readonly Route[] = [
  versionsRoute,
  specHistoryRoute,
  diffRoute,
  bisectRoute,
  manifestRoute,
  activitiesRoute,
  rolloutsRoute,
  objectHistoriesRoute,
  objectHistoryRoute,
  sourcesRoute,
];
