/** Manifests that tests and recordings share. */

/** A Kubernetes object as it is sent. */
export type Manifest = Readonly<Record<string, unknown>>;

/** A fake node; kwok makes it ready. */
export function node(name: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
  };
}

/** A namespace. */
export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Manifest {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** The definition of the custom resource `postgreses`. */
export const POSTGRES_DEFINITION: Manifest = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'postgreses.postgrescontroller.kubeplus' },
  spec: {
    group: 'postgrescontroller.kubeplus',
    scope: 'Namespaced',
    names: { kind: 'Postgres', listKind: 'PostgresList', plural: 'postgreses', singular: 'postgres' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: postgresSchema() },
      },
    ],
  },
};

function postgresSchema(): Manifest {
  const text = { type: 'string' };
  const user = { type: 'object', properties: { username: text, password: text } };
  return {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          deploymentName: text,
          image: text,
          replicas: { type: 'integer', minimum: 1, default: 1 },
          databases: { type: 'array', items: text },
          users: { type: 'array', items: user },
        },
      },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
}

/** Rules of RBAC and to whom they are given. */
export interface Permission {
  /** Names the role and its binding. */
  readonly name: string;
  readonly to: { readonly user: string } | { readonly group: string };
  readonly rules: readonly Manifest[];
  /** Where they hold; everywhere if it is left out. */
  readonly namespace?: string;
}

/** A role with the rules and its binding: of the namespace where there is one, else of the cluster. */
export function permit({ name, to, rules, namespace: where }: Permission): Manifest[] {
  const prefix = where === undefined ? 'Cluster' : '';
  const metadata = where === undefined ? { name } : { name, namespace: where };
  const rbac = 'rbac.authorization.k8s.io';
  const subject = 'user' in to ? { kind: 'User', name: to.user } : { kind: 'Group', name: to.group };
  return [
    { apiVersion: `${rbac}/v1`, kind: `${prefix}Role`, metadata, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: `${prefix}RoleBinding`,
      metadata,
      roleRef: { apiGroup: rbac, kind: `${prefix}Role`, name },
      subjects: [{ apiGroup: rbac, ...subject }],
    },
  ];
}
