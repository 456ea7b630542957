/**
 * A question to an authorizer as a SubjectAccessReview puts it, which also is its name in a cache.
 * Source: k8s.io/api/authorization/v1/types.go.
 */
import type { JsonObject } from '../../model/json.ts';
import type { Attributes } from './attributes.ts';
import type { User } from './user.ts';

/**
 * `spec` of the question whether a user may do something. Equal questions have equal JSON: the members have one order,
 * and so have the keys of `extra`. The order of groups is kept, as upstream keeps it.
 */
export function accessReviewSpec(user: User, attributes: Attributes): JsonObject {
  const extra = [...user.extra].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    user: user.name,
    uid: user.uid,
    groups: user.groups,
    extra: Object.fromEntries(extra),
    ...attributesOf(attributes),
  };
}

function attributesOf(attributes: Attributes): JsonObject {
  if ('path' in attributes) {
    const { path, verb } = attributes;
    return { nonResourceAttributes: { path, verb } };
  }
  const { namespace, verb, group, version, resource, subresource, name } = attributes;
  return { resourceAttributes: { namespace, verb, group, version, resource, subresource, name } };
}
