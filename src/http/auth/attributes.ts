/** What somebody wants to do, as a SubjectAccessReview has it. Source: k8s.io/api/authorization/v1/types.go. */
import type { ObjectKey } from '../../model/object-key.ts';

/** A request on a resource. */
export interface ResourceAttributes {
  readonly verb: string;
  /** '' is the core group, '*' all groups. */
  readonly group: string;
  /** '' where it does not matter. */
  readonly version: string;
  /** The plural; '*' means all. */
  readonly resource: string;
  readonly subresource: string;
  /** '' for cluster-scoped objects; for namespaced resources it means all namespaces. */
  readonly namespace: string;
  /** '' means all. */
  readonly name: string;
}

/** A request on a path that is no resource. */
export interface NonResourceAttributes {
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | NonResourceAttributes;

/** Reading an object, as kube-apiserver sees it: a Namespace is in the namespace of its own name. */
export function readAttributes(key: ObjectKey): ResourceAttributes {
  const { group, resource, name } = key;
  const isNamespace = group === '' && resource === 'namespaces';
  const namespace = isNamespace ? name : key.namespace;
  return { verb: 'get', group, version: '', resource, subresource: '', namespace, name };
}
