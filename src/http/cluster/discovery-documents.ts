/**
 * What `/api`, `/apis` and the documents below them say of the resource types of a cluster. Sources:
 * k8s.io/api/apidiscovery/v2/types.go (v2beta1 has the same shape), k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
 */
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';

/** A resource type. */
export interface ClusterResource {
  /** '' is the core group. */
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** The resource types of one version of a group. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** undefined: not known at the moment, because whoever serves them does not answer. */
  readonly resources: readonly ClusterResource[] | undefined;
}

/** The media types for the Accept header: aggregated discovery, else the documents of old. */
export const DISCOVERY_ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** The versions in an APIGroupDiscoveryList; undefined where a document is none. */
export function decodeAggregated(document: JsonValue): readonly GroupVersion[] | undefined {
  if (!isObject(document) || stringMember(document, 'kind') !== 'APIGroupDiscoveryList') return undefined;
  return objectsIn(document, 'items').flatMap((item) => {
    const group = stringMember(objectMember(item, 'metadata') ?? {}, 'name') ?? '';
    return objectsIn(item, 'versions').map((version) => ({
      group,
      version: stringMember(version, 'version') ?? '',
      resources:
        stringMember(version, 'freshness') === 'Stale' ? undefined : aggregatedResources(group, version),
    }));
  });
}

function aggregatedResources(group: string, version: JsonObject): readonly ClusterResource[] {
  return objectsIn(version, 'resources').flatMap((item) => {
    const kind = stringMember(objectMember(item, 'responseKind') ?? {}, 'kind') ?? '';
    const namespaced = stringMember(item, 'scope') === 'Namespaced';
    return resourceType(group, stringMember(item, 'resource'), kind, namespaced);
  });
}

/** The versions that an APIVersions (`/api`) or an APIGroupList (`/apis`) names, the preferred one of a group first. */
export function decodeLegacyVersions(
  document: JsonValue,
): readonly Omit<GroupVersion, 'resources'>[] | undefined {
  if (!isObject(document)) return undefined;
  switch (stringMember(document, 'kind')) {
    case 'APIVersions':
      return stringsIn(document, 'versions').map((version) => ({ group: '', version }));
    case 'APIGroupList':
      return objectsIn(document, 'groups').flatMap((item) => {
        const group = stringMember(item, 'name') ?? '';
        const preferred = stringMember(objectMember(item, 'preferredVersion') ?? {}, 'version');
        const versions = objectsIn(item, 'versions').map((entry) => stringMember(entry, 'version') ?? '');
        const ordered = versions.toSorted((a, b) => Number(b === preferred) - Number(a === preferred));
        return ordered.map((version) => ({ group, version }));
      });
    default:
      return undefined;
  }
}

/** The resource types in an APIResourceList; undefined where a document is none. */
export function decodeLegacyResources(
  group: string,
  document: JsonValue,
): readonly ClusterResource[] | undefined {
  if (!isObject(document) || stringMember(document, 'kind') !== 'APIResourceList') return undefined;
  return objectsIn(document, 'resources').flatMap((item) =>
    resourceType(
      group,
      stringMember(item, 'name'),
      stringMember(item, 'kind') ?? '',
      member(item, 'namespaced') === true,
    ),
  );
}

/** None for a subresource, or for what only stands there because of its subresources (custom metrics, and ours). */
function resourceType(
  group: string,
  resource: string | undefined,
  kind: string,
  namespaced: boolean,
): readonly ClusterResource[] {
  const isSomething = resource !== undefined && resource !== '' && !resource.includes('/') && kind !== '';
  return isSomething ? [{ group, resource, kind, namespaced }] : [];
}

function objectsIn(object: JsonObject, key: string): readonly JsonObject[] {
  const list = member(object, key);
  return isArray(list) ? list.filter((item) => isObject(item)) : [];
}

function stringsIn(object: JsonObject, key: string): readonly string[] {
  const list = member(object, key);
  return isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
