/** Whether a stored body is of an object that lives, waits for its deletion, or is gone with the write that shows it. */
import {
  isArray,
  isObject,
  type JsonObject,
  type JsonValue,
  member,
  objectMember,
  stringMember,
} from '../../model/json.ts';
import type { Life } from './write.ts';

/**
 * Source: ShouldDeleteDuringUpdate in apiserver/pkg/registry/generic/registry/store.go, and
 * ShouldDeleteNamespaceDuringUpdate in kubernetes/pkg/registry/core/namespace/storage/storage.go.
 * @param byDeletion whether the body is the answer to a deletion: one without a deletion time was deleted at once
 */
export function lifeOf(body: JsonObject, byDeletion: boolean): Life {
  const metadata = objectMember(body, 'metadata') ?? {};
  if (stringMember(metadata, 'deletionTimestamp') === undefined) return byDeletion ? 'gone' : 'alive';
  const graceSeconds = member(metadata, 'deletionGracePeriodSeconds') ?? 0;
  const isNamespace = member(body, 'kind') === 'Namespace' && member(body, 'apiVersion') === 'v1';
  const held =
    isFilled(metadata, 'finalizers') ||
    (isNamespace && isFilled(objectMember(body, 'spec') ?? {}, 'finalizers'));
  return held || graceSeconds !== 0 ? 'terminating' : 'gone';
}

/**
 * Whether an object that the answer to a deletecollection lists is gone. The list shows each as it was before.
 *
 * Source: DeleteCollection in apiserver/pkg/registry/generic/registry/store.go; CheckGracefulDelete in
 * kubernetes/pkg/registry/core/pod/strategy.go.
 * @param options the DeleteOptions of the request, where they were recorded
 */
export function lifeOfListed(item: JsonObject, options: JsonValue | undefined): Life {
  const metadata = objectMember(item, 'metadata') ?? {};
  if (stringMember(metadata, 'deletionTimestamp') !== undefined) return lifeOf(item, true);
  if (isFilled(metadata, 'finalizers')) return 'terminating';
  const isPod = member(item, 'kind') === 'Pod' && member(item, 'apiVersion') === 'v1';
  return isPod && podGraceSeconds(item, options) !== 0 ? 'terminating' : 'gone';
}

const POD_GRACE_SECONDS = 30;

function podGraceSeconds(pod: JsonObject, options: JsonValue | undefined): JsonValue {
  const spec = objectMember(pod, 'spec') ?? {};
  const phase = stringMember(objectMember(pod, 'status') ?? {}, 'phase');
  const isRunning =
    (stringMember(spec, 'nodeName') ?? '') !== '' && phase !== 'Succeeded' && phase !== 'Failed';
  if (!isRunning) return 0;
  const asked = isObject(options) ? member(options, 'gracePeriodSeconds') : undefined;
  return asked ?? member(spec, 'terminationGracePeriodSeconds') ?? POD_GRACE_SECONDS;
}

function isFilled(object: JsonObject, key: string): boolean {
  const value = member(object, key);
  return isArray(value) && value.length > 0;
}
