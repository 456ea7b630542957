/**
 * TokenReview and SubjectAccessReview on the wire. Sources: k8s.io/api/authentication/v1/types.go,
 * k8s.io/api/authorization/v1/types.go; what an answer means: k8s.io/apiserver/plugin/pkg/{authenticator/token,authorizer}/webhook.
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
import type { Decision } from '../auth/access-control.ts';
import { accessReviewSpec } from '../auth/access-review-spec.ts';
import type { Attributes } from '../auth/attributes.ts';
import type { TokenReviewResult } from '../auth/bearer-token.ts';
import type { User } from '../auth/user.ts';
import { ClusterError } from './cluster-error.ts';

/** The question whose token this is. */
export function tokenReviewFor(token: string): JsonObject {
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
}

/** @throws ClusterError CLUSTER_ANSWER where it is no answer to a TokenReview */
export function decodeTokenReview(answer: JsonValue): TokenReviewResult {
  const status = statusOf(answer, 'TokenReview');
  const error = stringMember(status, 'error') ?? '';
  if (member(status, 'authenticated') !== true) {
    return { authenticated: false, ...(error !== '' && { error }) };
  }
  const user = objectMember(status, 'user') ?? {};
  const name = stringMember(user, 'username') ?? '';
  if (name === '') throw notUnderstood('a TokenReview that is authenticated names no user');
  return {
    authenticated: true,
    user: {
      name,
      uid: stringMember(user, 'uid') ?? '',
      groups: stringsIn(member(user, 'groups')),
      extra: new Map(
        Object.entries(objectMember(user, 'extra') ?? {}).map(([key, value]) => [key, stringsIn(value)]),
      ),
    },
  };
}

/** The question whether a user may do something. */
export function accessReviewFor(user: User, attributes: Attributes): JsonObject {
  const spec = accessReviewSpec(user, attributes);
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
}

/**
 * Allowed is what is allowed and not denied: where an answer says both, it is a refusal.
 * @throws ClusterError CLUSTER_ANSWER where it is no answer to a SubjectAccessReview
 */
export function decodeAccessReview(answer: JsonValue): Decision {
  const status = statusOf(answer, 'SubjectAccessReview');
  return {
    allowed: member(status, 'allowed') === true && member(status, 'denied') !== true,
    reason: stringMember(status, 'reason') ?? '',
  };
}

function statusOf(answer: JsonValue, kind: string): JsonObject {
  if (!isObject(answer) || stringMember(answer, 'kind') !== kind) {
    throw notUnderstood(`the answer to a ${kind} is none`);
  }
  const status = objectMember(answer, 'status');
  if (status === undefined) throw notUnderstood(`a ${kind} was answered without a status`);
  return status;
}

function stringsIn(value: JsonValue | undefined): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function notUnderstood(message: string): ClusterError {
  return new ClusterError('CLUSTER_ANSWER', message);
}
