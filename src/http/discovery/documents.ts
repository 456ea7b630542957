/**
 * The discovery documents, as pure functions of what is served.
 * Source: k8s.io/api/apidiscovery/v2/types.go; k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
 *
 * The questions about objects are subresources without a parent, the shape that custom.metrics.k8s.io has: clients that
 * map resources pass over names with a slash, so that `kubectl get deployments` still means the deployments.
 */
import { API_VERSION } from '../../model/query/answer.ts';
import type { Conversion } from '../accept-clauses.ts';
import { API_VERSION_NAME, GROUP } from '../api-group.ts';
import type { ResourceEntry } from './resource-set.ts';
import type { ObjectQuestion } from './served-api.ts';

/** The kind of the aggregated document, in the versions that kube-aggregator asks for, the newest first. */
export const AGGREGATED: readonly Conversion[] = ['v2', 'v2beta1'].map((version) => ({
  group: 'apidiscovery.k8s.io',
  version,
  kind: 'APIGroupDiscoveryList',
}));

const GROUP_VERSION = { groupVersion: API_VERSION, version: API_VERSION_NAME };
const NO_KIND = { group: '', version: '', kind: '' };

/** `/apis/G`: an APIGroup. */
export function apiGroup() {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody() } as const;
}

/** `/apis` for who asks for nothing newer: an APIGroupList of our one group. */
export function apiGroupList() {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: [groupBody()] } as const;
}

function groupBody() {
  return { name: GROUP, versions: [GROUP_VERSION], preferredVersion: GROUP_VERSION };
}

/** `/apis/G/v1`: an APIResourceList. */
export function apiResourceList(set: readonly ResourceEntry[], questions: readonly ObjectQuestion[]) {
  const resources = set.flatMap(({ plural, namespaced, own, hasObjects }) => [
    ...(own === undefined
      ? []
      : [
          {
            name: plural,
            singularName: own.singular,
            namespaced,
            kind: own.kind,
            verbs: [...own.verbs].sort(),
            ...(own.shortNames === undefined ? {} : { shortNames: own.shortNames }),
            ...(own.categories === undefined ? {} : { categories: own.categories }),
          },
        ]),
    ...(hasObjects ? byName(questions) : []).map(({ name, kind }) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      kind,
      verbs: ['get'],
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: API_VERSION, resources } as const;
}

/** `/apis` as kube-aggregator asks for it: groups, versions and resources in one. Both versions have the same shape. */
export function aggregatedDiscovery(
  { group, version, kind }: Conversion,
  set: readonly ResourceEntry[],
  questions: readonly ObjectQuestion[],
) {
  const resources = set.map(({ plural, namespaced, own, hasObjects }) => ({
    resource: plural,
    responseKind: own === undefined ? NO_KIND : kindOf(own.kind),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: own?.singular ?? '',
    verbs: own === undefined ? null : [...own.verbs].sort(),
    ...(own?.shortNames === undefined ? {} : { shortNames: own.shortNames }),
    ...(own?.categories === undefined ? {} : { categories: own.categories }),
    ...(hasObjects
      ? {
          subresources: byName(questions).map((question) => ({
            subresource: question.name,
            responseKind: kindOf(question.kind),
            verbs: ['get'],
          })),
        }
      : {}),
  }));
  return {
    kind,
    apiVersion: `${group}/${version}`,
    metadata: {},
    items: [
      {
        metadata: { name: GROUP },
        versions: [{ version: API_VERSION_NAME, resources, freshness: 'Current' }],
      },
    ],
  } as const;
}

function kindOf(kind: string): Conversion {
  return { group: GROUP, version: API_VERSION_NAME, kind };
}

function byName(questions: readonly ObjectQuestion[]): readonly ObjectQuestion[] {
  return questions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** `/version`: the shape of version.Info, of this program and not of the cluster. What is not known is '', as Go has it. */
export function versionInfo(version: string) {
  const [major = '', minor = ''] = version.split('.');
  return {
    major,
    minor,
    gitVersion: `v${version}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '',
    goVersion: '',
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch}`,
  };
}
