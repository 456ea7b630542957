/**
 * Which object a question is about.
 * Says nothing of objects other than the one named: the asker may not be allowed to know of them.
 */
import { QueryError } from '../errors.ts';
import {
  canonicalResource,
  describeObject,
  formatResource,
  objectKey,
  type GroupResource,
} from '../object-key.ts';
import type { ObjectHistory, Reader } from '../reader.ts';

/** A resource as a question names it. */
export interface ResourceName {
  /** `deployments`, or `deployments.apps`; `configmaps.` with nothing behind the dot is the core group's. */
  readonly resource: string;
  /** The group, where it was given apart ('' is the core group). */
  readonly group?: string | undefined;
}

/** An object as a question names it. */
export interface ObjectName extends ResourceName {
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
}

/**
 * The history of an object.
 * @throws QueryError RESOURCE_NOT_FOUND, RESOURCE_AMBIGUOUS, OBJECT_NOT_FOUND, PARAMETER_INVALID (two different groups)
 */
export function findHistory(reader: Reader, wanted: ObjectName): ObjectHistory {
  const { group, resource } = findResource(reader, wanted);
  const key = objectKey(group, resource, wanted.namespace, wanted.name);
  const history = reader.history(key);
  if (history !== undefined) return history;
  throw new QueryError(
    'OBJECT_NOT_FOUND',
    `no version of ${describeObject(key)} is recorded: check its name and namespace`,
    { parameter: 'name' },
  );
}

/**
 * The resource type that a name means, among those that are recorded.
 * @throws QueryError as findHistory does
 */
export function findResource(reader: Reader, wanted: ResourceName): GroupResource {
  const { plural, group } = splitResource(wanted);
  const known = reader.resourcesNamed(plural);
  if (group !== undefined) {
    const canonical = canonicalResource({ group, resource: plural });
    const found = known.find((other) => other.group === canonical.group);
    if (found !== undefined) return found;
    throw resourceNotFound(formatResource(canonical), known.map(formatResource));
  }
  const [only, ...others] = known;
  if (only === undefined) throw resourceNotFound(plural, pluralsOf(reader, plural));
  if (others.length === 0) return only;
  const candidates = known.map((other) => (other.group === '' ? `${plural}.` : formatResource(other)));
  throw new QueryError(
    'RESOURCE_AMBIGUOUS',
    `several groups have a resource "${plural}": ask for ${candidates.join(' or ')}, or give the group by ?group=`,
    { parameter: 'resource', candidates },
  );
}

/** A resource's plural and the group it was qualified with, if it was. */
export function splitResource(wanted: ResourceName): {
  readonly plural: string;
  readonly group: string | undefined;
} {
  const dot = wanted.resource.indexOf('.');
  if (dot === -1) return { plural: wanted.resource, group: wanted.group };
  const group = wanted.resource.slice(dot + 1);
  if (wanted.group !== undefined && wanted.group !== group) {
    throw new QueryError(
      'PARAMETER_INVALID',
      `"${wanted.resource}" and the group "${wanted.group}" contradict each other: give one of them`,
      { parameter: 'group' },
    );
  }
  return { plural: wanted.resource.slice(0, dot), group };
}

function resourceNotFound(text: string, candidates: readonly string[]): QueryError {
  const advice =
    candidates.length === 0
      ? 'give the plural, as `kubectl api-resources` shows it'
      : `did you mean ${candidates.map((candidate) => `"${candidate}"`).join(' or ')}?`;
  return new QueryError('RESOURCE_NOT_FOUND', `no object of a resource "${text}" is recorded: ${advice}`, {
    parameter: 'resource',
    candidates,
  });
}

/** Recorded plurals of what may be a singular or a kind (`deployment`, `Policy`). */
function pluralsOf(reader: Reader, text: string): string[] {
  const singular = text.toLowerCase();
  return [singular, `${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')].filter(
    (plural, index, all) => all.indexOf(plural) === index && reader.resourcesNamed(plural).length > 0,
  );
}
