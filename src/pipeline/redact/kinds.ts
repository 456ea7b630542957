/** Which objects hold values that are not kept, told by what they say of themselves: their kind, and Helm's marks. */
import type { JsonObject } from '../../model/json.ts';
import { member, objectMember, stringMember } from '../../model/json.ts';
import type { GroupResource } from '../../model/object-key.ts';
import type { Redactor } from './redactor.ts';
import type { Reading } from './values.ts';

/** How the members of a redacted resource are told apart. */
export function knownResource({ group, resource }: GroupResource): Reading['resource'] {
  return group === '' && (resource === 'secrets' || resource === 'configmaps') ? resource : 'other';
}

/** What Helm calls its releases (helm/pkg/storage/storage.go); they hold a chart's values, and every manifest. */
const HELM_RELEASE = 'sh.helm.release.v1.';

/** Whether a ConfigMap's name is that of a Helm release. */
export function isHelmName({ group, resource }: GroupResource, name: string): boolean {
  return resource === 'configmaps' && group === '' && name.startsWith(HELM_RELEASE);
}

/** Members that an object has, and a reference to one (`secretRef`, `involvedObject`) has not. */
const BODY = ['metadata', 'data', 'stringData', 'spec'] as const;

/**
 * Whose values an object holds that stands inside another; undefined where they may be kept.
 * @param kind its own, or for an item of a list, which has none, what the list's says
 */
export function redactedAs(
  object: JsonObject,
  apiVersion: string,
  kind: string,
  { isRedacted, redactsSecrets }: Redactor,
): Reading['resource'] | undefined {
  if (!BODY.some((key) => Object.hasOwn(object, key))) return undefined;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const resource = { group, resource: pluralOf(kind) };
  if (isRedacted(resource)) return knownResource(resource);
  return kind === 'ConfigMap' && group === '' && redactsSecrets && isHelmRelease(object)
    ? 'configmaps'
    : undefined;
}

function isHelmRelease(configMap: JsonObject): boolean {
  const metadata = objectMember(configMap, 'metadata') ?? {};
  const labels = objectMember(metadata, 'labels') ?? {};
  return (
    member(labels, 'owner') === 'helm' || (stringMember(metadata, 'name')?.startsWith(HELM_RELEASE) ?? false)
  );
}

/** The plural of a kind by the guess that Kubernetes makes (apimachinery/pkg/api/meta/restmapper.go, UnsafeGuessKindToResource). */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (singular.endsWith('endpoints')) return singular;
  if (singular.endsWith('s')) return `${singular}es`;
  return singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
