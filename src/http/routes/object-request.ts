/**
 * What the routes of one object have in common: their paths, and the object a request means.
 *
 * A path `namespaces/NS/versions` is the Namespace object NS itself. Nothing is looked up before the asker is known to be
 * allowed to read what the path names.
 */
import { formatResource, objectKey, type GroupResource } from '../../model/object-key.ts';
import {
  findResource,
  historyOf,
  resourceCandidates,
  splitResource,
  type PluralAndGroup,
  type ResourceIndex,
} from '../../model/query/find-object.ts';
import type { ObjectHistory } from '../../model/reader.ts';
import { quote, StatusError, type StatusSubject } from '../status.ts';
import type { PathParameters, RouteAccess, RouteRequest } from './route.ts';

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

/** What the asker must be allowed to do in our own group, before the object itself is asked about. */
export function objectAccess(question: string): (path: PathParameters) => RouteAccess {
  return ({ namespace = '', resource = 'namespaces', name = '' }) => {
    const { plural } = splitResource({ resource });
    const where = plural === 'namespaces' ? name : namespace;
    return { verb: 'get', resource: plural, subresource: question, namespace: where, name };
  };
}

/**
 * The history of the object that a request is about.
 * @throws StatusError Forbidden where the asker may not read it, whether or not it is there; NotFound for a Namespace
 * inside a namespace; QueryError as findResource and historyOf do
 */
export async function requestedHistory(request: RouteRequest): Promise<ObjectHistory> {
  const { reader, resources, asker, path, parameters, about } = request;
  const { namespace = '', resource = 'namespaces', name = '' } = path;
  const given = parameters.get('group');
  // The path of a Namespace leaves the resource out: it cannot mean another group's `namespaces`.
  const group = given === CORE_GROUP || (path.resource === undefined && given === undefined) ? '' : given;
  const wanted = splitResource({ resource, group });
  // That depends on the plural alone, so it tells nothing of any object.
  if (resources.resourcesNamed(wanted.plural).length === 0) await resources.refresh();
  const candidates = resourceCandidates(resources, wanted);
  if (namespace !== '' && candidates.every((type) => formatResource(type) === 'namespaces')) {
    throw new StatusError(
      'NotFound',
      `a Namespace is in no namespace: leave ${quote(`namespaces/${namespace}/`)} out of the path`,
    );
  }
  const keys = candidates.map((type) => objectKey(type.group, type.resource, namespace, name));
  const readable = await asker.readable(keys, wanted.group !== undefined);
  const found = findResource(narrowed(resources, wanted, readable), wanted);
  about({ group: found.group, kind: found.resource, name });
  return historyOf(reader, objectKey(found.group, found.resource, namespace, name));
}

/** Of a plural whose group was not given, only those types count in which the asker may read the object. */
function narrowed(
  resources: ResourceIndex,
  { plural, group }: PluralAndGroup,
  readable: readonly GroupResource[],
): ResourceIndex {
  if (group !== undefined) return resources;
  const types = new Set(readable.map(formatResource));
  return {
    resourcesNamed: (asked) => {
      const known = resources.resourcesNamed(asked);
      return asked === plural ? known.filter((type) => types.has(formatResource(type))) : known;
    },
  };
}
