/** What the API serves, as its discovery and OpenAPI documents list it. */

/** A question about one object: a subresource of every resource that has a history. */
export interface ObjectQuestion {
  /** The last part of its path. */
  readonly name: string;
  /** The kind of its answer. Clients drop a subresource that has none. */
  readonly kind: string;
  /** One sentence, for the OpenAPI documents. */
  readonly description: string;
}

/** A resource of our own. */
export interface ServedResource {
  readonly plural: string;
  readonly singular: string;
  /** The kind of one item; a list of them is `${kind}List`. */
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never `delete`, `watch` or `create`: the namespace controller, the garbage collector and quota act on those. */
  readonly verbs: readonly ('get' | 'list')[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** What the list can be instead, where a parameter asks for it. */
  readonly otherListKinds?: readonly string[];
  /** One sentence, for the OpenAPI documents. */
  readonly description: string;
}

/** All of it. */
export interface ServedApi {
  readonly objectQuestions: readonly ObjectQuestion[];
  readonly resources: readonly ServedResource[];
}

/** A resource whose objects have histories, as the cluster or the record knows it. Its group does not stand in our paths. */
export interface ObjectResource {
  /** The plural. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** The API as it is. A test holds it against the table of routes. */
export const SERVED_API: ServedApi = {
  objectQuestions: [
    {
      name: 'versions',
      kind: 'VersionList',
      description: 'All versions of an object: who made each, when, how, and which fields it changed.',
    },
    {
      name: 'spechistory',
      kind: 'SpecHistory',
      description: 'The spec of an object at each version; the whole content for kinds without a spec.',
    },
    { name: 'diff', kind: 'DiffResult', description: 'What differs between two versions of an object.' },
    {
      name: 'bisect',
      kind: 'BisectResult',
      description:
        'The versions at which fields of an object had given values, and who brought the first of them.',
    },
    {
      name: 'manifest',
      kind: 'Manifest',
      description: 'An object as it was at a version, fit for kubectl apply.',
    },
  ],
  resources: [
    {
      plural: 'activities',
      singular: 'activity',
      kind: 'Activity',
      namespaced: true,
      verbs: ['list'],
      otherListKinds: ['ActivityCounts'],
      description: 'The actions that have been executed, the newest first, or how many there were.',
    },
    {
      plural: 'objecthistories',
      singular: 'objecthistory',
      kind: 'ObjectHistory',
      namespaced: true,
      verbs: ['get', 'list'],
      description: 'What is known of each object, in short: its newest version, who made it, and when.',
    },
    {
      plural: 'rollouts',
      singular: 'rollout',
      kind: 'Rollout',
      namespaced: true,
      verbs: ['list'],
      description: 'The distinct changes of the pod templates of workloads, workload by workload.',
    },
    {
      plural: 'sources',
      singular: 'source',
      kind: 'Source',
      namespaced: false,
      verbs: ['list'],
      description: 'Where each audit log stands, and what became of what it brought.',
    },
  ],
};
