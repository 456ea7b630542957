/**
 * What the routes of one object have in common: their paths, and the object a request means.
 *
 * A path `namespaces/NS/versions` is the Namespace object NS itself. Nothing is looked up before the object is known to be
 * in the namespace that the path names: access will be granted by that namespace.
 */
import { findHistory, findResource, splitResource } from '../../model/query/find-object.ts';
import { formatResource } from '../../model/object-key.ts';
import type { ObjectHistory } from '../../model/reader.ts';
import { quote, StatusError, type StatusSubject } from '../status.ts';
import type { PathParameters, RouteRequest } from './route.ts';

/** The parameters that every route of an object takes. */
export const OBJECT_PARAMETERS = ['group'] as const;

/** How `?group=` names the core group; '' does too. */
const CORE_GROUP = 'core';

/** The paths of a question about one object: namespaced, of a Namespace, cluster-scoped. The first that fits is taken. */
export function objectPaths(question: string): readonly string[] {
  return [
    `/namespaces/:namespace/:resource/:name/${question}`,
    `/namespaces/:name/${question}`,
    `/:resource/:name/${question}`,
  ];
}

/** What the path says. The group is the resource's own where the path tells it. */
export function objectSubject({ resource = 'namespaces', name = '' }: PathParameters): StatusSubject {
  const { plural, group = '' } = splitResource({ resource });
  return { group, kind: plural, name };
}

/**
 * The history of the object that a request is about.
 * @throws QueryError as findHistory does; StatusError NotFound for a Namespace inside a namespace
 */
export function requestedHistory({ reader, path, parameters, about }: RouteRequest): ObjectHistory {
  const { namespace = '', resource = 'namespaces', name = '' } = path;
  const given = parameters.get('group');
  // The path of a Namespace leaves the resource out: it cannot mean another group's `namespaces`.
  const group = given === CORE_GROUP || (path.resource === undefined && given === undefined) ? '' : given;
  const found = findResource(reader, { resource, group });
  about({ group: found.group, kind: found.resource, name });
  if (namespace !== '' && formatResource(found) === 'namespaces') {
    throw new StatusError(
      'NotFound',
      `a Namespace is in no namespace: leave ${quote(`namespaces/${namespace}/`)} out of the path`,
    );
  }
  return findHistory(reader, { resource: found.resource, group: found.group, namespace, name });
}
