/** Who asks: what every way of authentication ends in. Source: k8s.io/apiserver/pkg/authentication/user. */

/** An authenticated (or anonymous) user. */
export interface User {
  readonly name: string;
  /** '' where the way of authentication knows none. */
  readonly uid: string;
  readonly groups: readonly string[];
  /** Keys are lower-case. */
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** Members may do everything: no authorizer is asked about them. */
export const MASTERS_GROUP = 'system:masters';
export const AUTHENTICATED_GROUP = 'system:authenticated';
export const UNAUTHENTICATED_GROUP = 'system:unauthenticated';

/** A request without any credentials. */
export const ANONYMOUS: User = {
  name: 'system:anonymous',
  uid: '',
  groups: [UNAUTHENTICATED_GROUP],
  extra: new Map(),
};

/** Whoever reaches a listener that asks nobody who they are, by the name of kube-apiserver's own insecure port. */
export const UNSECURED: User = {
  name: 'system:unsecured',
  uid: '',
  groups: [MASTERS_GROUP, AUTHENTICATED_GROUP],
  extra: new Map(),
};
