/** Whether a stored body is of an object that lives, waits for its deletion, or is gone with the write that shows it. */
import { isArray, type JsonObject, member, objectMember, stringMember } from '../../model/json.ts';
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

function isFilled(object: JsonObject, key: string): boolean {
  const value = member(object, key);
  return isArray(value) && value.length > 0;
}
