/**
 * Serves the OpenAPI documents. Source: k8s.io/kube-openapi/pkg/handler and pkg/handler3.
 *
 * kube-aggregator reads `/openapi/v2` and the index `/openapi/v3` every minute, and hands a user's
 * `/openapi/v3/apis/G/v1?hash=` on to us: kubectl explain works by it. Protobuf is not offered; whoever asks for nothing else is
 * refused, as Go's handlers refuse what they do not have.
 */
import type { Router } from '@koa/router';
import { BASE_PATH } from '../api-group.ts';
import type { Context, RequestState } from '../context.ts';
import type { ServedApi } from '../discovery/served-api.ts';
import {
  jsonDocument,
  negotiateDocument,
  sendDocument,
  textDocument,
  type StaticDocument,
} from '../discovery/static-document.ts';
import { mountPath } from '../endpoints.ts';
import { renderJson } from '../render.ts';
import { openApiV2, openApiV3 } from './openapi-documents.ts';
import { operationsOf, type PublishedRoute } from './operations.ts';

/** What the documents are made of. */
interface OpenApiOptions {
  readonly routes: readonly PublishedRoute[];
  readonly served: ServedApi;
  /** The program's version. */
  readonly version: string;
}

/** The paths that are served. */
export const OPENAPI_PATHS = ['/openapi/v2', '/openapi/v3', `/openapi/v3${BASE_PATH}`] as const;

const [V2_PATH, V3_INDEX_PATH, V3_PATH] = OPENAPI_PATHS;
/** The longest that HTTP knows, as kube-openapi has it. */
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** The three documents. */
interface OpenApiDocuments {
  readonly v2: StaticDocument;
  readonly v3Index: StaticDocument;
  readonly v3: StaticDocument;
}

/** Makes them. @throws TypeError where the routes, the kinds and their descriptions do not agree */
function openApiDocuments({ routes, served, version }: OpenApiOptions): OpenApiDocuments {
  const operations = operationsOf(routes, served);
  const v3 = textDocument('application/json', renderJson(openApiV3(operations, version), false));
  const serverRelativeURL = `${V3_PATH}?hash=${v3.etag}`;
  return {
    v2: textDocument('application/json', renderJson(openApiV2(operations, version), false)),
    v3Index: jsonDocument({ paths: { [BASE_PATH.slice(1)]: { serverRelativeURL } } }),
    v3,
  };
}

/** Mounts the documents. */
export function mountOpenApi(router: Router<RequestState>, options: OpenApiOptions): void {
  const { v2, v3Index, v3 } = openApiDocuments(options);
  mountPath(router, V2_PATH, (ctx) => sendDocument(ctx, negotiateDocument(ctx, [v2])));
  mountPath(router, V3_INDEX_PATH, (ctx) => sendDocument(ctx, negotiateDocument(ctx, [v3Index])));
  mountPath(router, V3_PATH, (ctx) => {
    const document = negotiateDocument(ctx, [v3]);
    if (hashOf(ctx) === document.etag) keepForever(ctx);
    sendDocument(ctx, document);
  });
}

function hashOf(ctx: Context): string {
  return new URLSearchParams(ctx.querystring).get('hash') ?? '';
}

/**
 * The URL names the content: it will never be another. A hash of old is answered with the document of now and not, as
 * kube-openapi does, with a redirect: for a minute after an upgrade kube-apiserver gives out the old hash, and it makes 502 of
 * every redirect of an aggregated API server.
 */
function keepForever(ctx: Context): void {
  ctx.set('Cache-Control', 'public, immutable');
  ctx.set('Expires', new Date(Date.now() + YEAR_MS).toUTCString());
}
