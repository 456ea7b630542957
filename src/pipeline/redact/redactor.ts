/** Which resources' values are not kept, and what stands in their place. */
import { randomBytes } from 'node:crypto';
import {
  canonicalResource,
  formatResource,
  type GroupResource,
  parseResource,
} from '../../model/object-key.ts';
import { type Digest, KEY_BYTES, keyedDigest } from './marker.ts';

/** Resources whose values are not kept, unless told otherwise: Secrets, and what others have in their place. */
export const REDACTED_RESOURCES: readonly string[] = [
  'secrets',
  'oauthclients.oauth.openshift.io',
  'clusterregistrationtokens.management.cattle.io',
  'tokens.management.cattle.io',
  'tokens.ext.cattle.io',
  'kubeconfigs.ext.cattle.io',
  'passwordchangerequests.ext.cattle.io',
];

/** What redacting an event needs to know. */
export interface Redactor {
  /** Whether the values of a resource are not kept, whatever group it was named by. */
  readonly isRedacted: (resource: GroupResource) => boolean;
  /** Whether that is so of Secrets. */
  readonly redactsSecrets: boolean;
  readonly digest: Digest;
}

/**
 * A redactor.
 * @param options.resources as `plural` or `plural.group`
 * @param options.key markers are equal under the same key only; without one, for the life of this redactor
 */
export function createRedactor(
  options: { readonly resources?: readonly string[] | undefined; readonly key?: Uint8Array | undefined } = {},
): Redactor {
  const { resources = REDACTED_RESOURCES, key = randomBytes(KEY_BYTES) } = options;
  const names = new Set(resources.map((text) => formatResource(parseResource(text))));
  // Nearly every event is of another plural: that is told without making a text.
  const plurals = new Set(resources.map((text) => parseResource(text).resource));
  return {
    isRedacted: (resource) =>
      plurals.has(resource.resource) && names.has(formatResource(canonicalResource(resource))),
    redactsSecrets: names.has('secrets'),
    digest: keyedDigest(key),
  };
}
