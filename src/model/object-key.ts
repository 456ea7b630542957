/**
 * What identifies an object: group, resource, namespace and name. Never the name alone.
 *
 * Invariant: a key is canonical. Resources that several groups serve from one store have one key, under the group
 * that serves them today; a Namespace object has no namespace of its own (audit events repeat its name there).
 */

/** A resource type: its API group ('' is the core group) and its plural. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** One object's identity. `namespace` is '' for cluster-scoped objects. */
export interface ObjectKey extends GroupResource {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Groups that served the same stored objects as another: `group/resource` → the group that serves it today.
 * Source: kubernetes/pkg/kubeapiserver/default_storage_factory_builder.go, the cohabitating resources.
 */
const COHABITING: ReadonlyMap<string, string> = new Map([
  ['extensions/deployments', 'apps'],
  ['extensions/daemonsets', 'apps'],
  ['extensions/replicasets', 'apps'],
  ['extensions/ingresses', 'networking.k8s.io'],
  ['extensions/networkpolicies', 'networking.k8s.io'],
  ['extensions/podsecuritypolicies', 'policy'],
  ['/events', 'events.k8s.io'],
]);

/** The canonical form of a resource type. */
export function canonicalResource({ group, resource }: GroupResource): GroupResource {
  return { group: COHABITING.get(`${group}/${resource}`) ?? group, resource };
}

/** The canonical key of an object, whatever group or namespace the event named it by. */
export function objectKey(group: string, resource: string, namespace: string, name: string): ObjectKey {
  const canonical = canonicalResource({ group, resource });
  const isNamespace = canonical.group === '' && canonical.resource === 'namespaces';
  return { ...canonical, namespace: isNamespace ? '' : namespace, name };
}

/** A key as one string, for maps: no part of a key can contain a slash. */
export function keyString(key: ObjectKey): string {
  return `${key.group}/${key.resource}/${key.namespace}/${key.name}`;
}

/** The order of objects: by group, resource, namespace and name, by code units, the same on every machine. */
export function compareKeys(a: ObjectKey, b: ObjectKey): number {
  return (
    compareText(a.group, b.group) ||
    compareText(a.resource, b.resource) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** `deployments.apps`, or `configmaps` for the core group: the form kubectl prints and takes. */
export function formatResource({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** The canonical form of `deployments.apps` or `configmaps`, as a person writes it. */
export function parseResource(text: string): GroupResource {
  const [resource = '', ...group] = text.split('.');
  return canonicalResource({ group: group.join('.'), resource });
}

/** `deployments.apps "web" in namespace "payments"`, for messages. */
export function describeObject(key: ObjectKey): string {
  const where = key.namespace === '' ? '' : ` in namespace "${key.namespace}"`;
  return `${formatResource(key)} "${key.name}"${where}`;
}

/**
 * Groups of kube-apiserver's own resources. Their kinds have defaults and list-map keys that a request's body does not
 * show; every other group is a custom resource's or an aggregated API's.
 */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);

/** Whether the group is one that kube-apiserver serves itself (not by a CustomResourceDefinition or an APIService). */
export function isBuiltInGroup(group: string): boolean {
  return BUILT_IN_GROUPS.has(group);
}
