/**
 * Serves the discovery documents: `/apis`, `/apis/G`, `/apis/G/v1` and `/version`.
 *
 * kube-aggregator asks for `/apis` every minute and for `/apis/G/v1` every 30 seconds, and gives each 5 seconds: the
 * documents are made when the set of resources has changed, and only then. Without them, deletions of namespaces hang.
 */
import type { Router } from '@koa/router';
import { BASE_PATH, GROUP } from '../api-group.ts';
import type { RequestState } from '../context.ts';
import { mountPath } from '../endpoints.ts';
import { renderYaml } from '../render.ts';
import {
  AGGREGATED,
  aggregatedDiscovery,
  apiGroup,
  apiGroupList,
  apiResourceList,
  versionInfo,
} from './documents.ts';
import { resourceSet } from './resource-set.ts';
import type { ObjectResource, ServedApi } from './served-api.ts';
import {
  jsonDocument,
  negotiateDocument,
  sendDocument,
  textDocument,
  type StaticDocument,
} from './static-document.ts';

/** What discovery needs to know. */
export interface DiscoveryOptions {
  readonly served: ServedApi;
  /** The program's version. */
  readonly version: string;
  /** What has histories now. Called for every request: it must be cheap, however much is recorded. */
  readonly objectResources: () => Iterable<ObjectResource>;
}

/** Every document in every representation, by its path; the first of a path is for who asks for nothing special. */
type DiscoveryDocuments = ReadonlyMap<string, readonly StaticDocument[]>;

/** The paths that discovery serves. */
export const DISCOVERY_PATHS = ['/apis', `/apis/${GROUP}`, BASE_PATH, '/version'] as const;

/** Mounts the documents. */
export function mountDiscovery(router: Router<RequestState>, options: DiscoveryOptions): void {
  const documents = discoveryDocuments(options);
  for (const path of DISCOVERY_PATHS) {
    mountPath(router, path, (ctx) => {
      sendDocument(ctx, negotiateDocument(ctx, documents().get(path) ?? []));
    });
  }
}

/** A function that gives the documents of now, and makes them only when they are others than the last time. */
export function discoveryDocuments(options: DiscoveryOptions): () => DiscoveryDocuments {
  let last: { readonly key: string; readonly documents: DiscoveryDocuments } | undefined;
  return () => {
    const set = resourceSet(options.served, options.objectResources());
    const key = set.map(({ plural, namespaced, hasObjects }) => [plural, namespaced, hasObjects]).join();
    if (last?.key !== key) last = { key, documents: makeDocuments(options, set) };
    return last.documents;
  };
}

function makeDocuments(
  { served, version }: DiscoveryOptions,
  set: ReturnType<typeof resourceSet>,
): DiscoveryDocuments {
  const { objectQuestions } = served;
  const aggregated = AGGREGATED.map((as) => jsonDocument(aggregatedDiscovery(as, set, objectQuestions), as));
  return new Map<string, readonly StaticDocument[]>([
    ['/apis', [...plain(apiGroupList()), ...aggregated]],
    [`/apis/${GROUP}`, plain(apiGroup())],
    [BASE_PATH, plain(apiResourceList(set, objectQuestions))],
    ['/version', plain(versionInfo(version))],
  ]);
}

function plain(value: unknown): readonly StaticDocument[] {
  return [jsonDocument(value), textDocument('application/yaml', renderYaml(value))];
}
