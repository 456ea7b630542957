/**
 * The resources of the discovery documents: our own, and every plural that has histories, under which the questions
 * about its objects stand as subresources.
 *
 * Invariants: sorted by plural, each plural once, so that equal sets make equal documents. A plural that is namespaced
 * in one group and cluster-scoped in another is namespaced here; one that is ours as well (Argo has `rollouts`) has our scope:
 * a resource has one scope in a document, and its subresources have the same.
 */
import type { ObjectResource, ServedApi, ServedResource } from './served-api.ts';

/** One plural. */
export interface ResourceEntry {
  readonly plural: string;
  readonly namespaced: boolean;
  /** What we serve under this very name; undefined where only subresources are ours. */
  readonly own: ServedResource | undefined;
  /** Whether the questions about objects can be asked of it. */
  readonly hasObjects: boolean;
}

/** What the API machinery takes for a resource's name (a DNS label); a log may hold anything. */
const PLURAL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The set for what has histories now. */
export function resourceSet(
  { resources }: ServedApi,
  objectResources: Iterable<ObjectResource>,
): readonly ResourceEntry[] {
  const scopes = new Map<string, boolean>();
  for (const { resource, namespaced } of objectResources) {
    if (PLURAL.test(resource)) scopes.set(resource, namespaced || scopes.get(resource) === true);
  }
  const own = new Map(resources.map((resource) => [resource.plural, resource]));
  const plurals = [...new Set([...own.keys(), ...scopes.keys()])].sort();
  return plurals.map((plural) => ({
    plural,
    namespaced: own.get(plural)?.namespaced ?? scopes.get(plural) ?? false,
    own: own.get(plural),
    hasObjects: scopes.has(plural),
  }));
}
