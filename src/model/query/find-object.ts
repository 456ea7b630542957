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
  type ObjectKey,
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

/** Which resource types there are. A Reader tells which are recorded. */
export type ResourceIndex = Pick<Reader, 'resourcesNamed'>;

/** The resource types of several indexes together, in the order of their groups. */
export function knownResources(...indexes: readonly (ResourceIndex | undefined)[]): ResourceIndex {
  return {
    resourcesNamed: (plural) => {
      const types = indexes.flatMap((index) => index?.resourcesNamed(plural) ?? []).map(canonicalResource);
      const distinct = new Map(types.map((type) => [type.group, type]));
      return [...distinct.values()].toSorted((a, b) => (a.group < b.group ? -1 : 1));
    },
  };
}

/**
 * The history of an object.
 * @throws QueryError RESOURCE_NOT_FOUND, RESOURCE_AMBIGUOUS, OBJECT_NOT_FOUND, PARAMETER_INVALID (two different groups)
 */
export function findHistory(reader: Reader, wanted: ObjectName): ObjectHistory {
  const { group, resource } = findResource(reader, splitResource(wanted));
  return historyOf(reader, objectKey(group, resource, wanted.namespace, wanted.name));
}

/**
 * The history of an object whose resource type is known.
 * @throws QueryError OBJECT_NOT_FOUND
 */
export function historyOf(reader: Reader, key: ObjectKey): ObjectHistory {
  const history = reader.history(key);
  if (history !== undefined) return history;
  throw new QueryError(
    'OBJECT_NOT_FOUND',
    `no version of ${describeObject(key)} is recorded: check its name and namespace`,
    { parameter: 'name' },
  );
}

/** The resource types that a name may mean, known or not: never none. */
export function resourceCandidates(
  index: ResourceIndex,
  { plural, group }: PluralAndGroup,
): readonly GroupResource[] {
  if (group !== undefined) return [canonicalResource({ group, resource: plural })];
  const known = index.resourcesNamed(plural);
  return known.length > 0 ? known : [{ group: '', resource: plural }];
}

/**
 * The resource type that a name means, among those that are known.
 * @throws QueryError RESOURCE_NOT_FOUND, RESOURCE_AMBIGUOUS
 */
export function findResource(index: ResourceIndex, { plural, group }: PluralAndGroup): GroupResource {
  const known = index.resourcesNamed(plural);
  if (group !== undefined) {
    const canonical = canonicalResource({ group, resource: plural });
    const found = known.find((other) => other.group === canonical.group);
    if (found !== undefined) return found;
    throw resourceNotFound(formatResource(canonical), known.map(formatResource));
  }
  const [only, ...others] = known;
  if (only === undefined) throw resourceNotFound(plural, pluralsOf(index, plural));
  if (others.length === 0) return only;
  const candidates = known.map((other) => (other.group === '' ? `${plural}.` : formatResource(other)));
  throw new QueryError(
    'RESOURCE_AMBIGUOUS',
    `several groups have a resource "${plural}": ask for ${candidates.join(' or ')}, or give the group by ?group=`,
    { parameter: 'resource', candidates },
  );
}

/** A resource's plural, and its group where that was given. */
export interface PluralAndGroup {
  readonly plural: string;
  readonly group: string | undefined;
}

/**
 * A resource's plural and the group it was qualified with, if it was.
 * @throws QueryError PARAMETER_INVALID where two groups contradict each other
 */
export function splitResource(wanted: ResourceName): PluralAndGroup {
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
function pluralsOf(index: ResourceIndex, text: string): string[] {
  const singular = text.toLowerCase();
  return [singular, `${singular}s`, `${singular}es`, singular.replace(/y$/, 'ies')].filter(
    (plural, at, all) => all.indexOf(plural) === at && index.resourcesNamed(plural).length > 0,
  );
}
