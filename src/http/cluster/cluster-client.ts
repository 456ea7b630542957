/**
 * The few calls that this server makes to the cluster's API server.
 *
 * Invariant: no call but a watch lasts longer than its timeout, whatever the API server does; attempts that are repeated
 * share that time. Answers are decoded here: what leaves this module is typed.
 */
import type { JsonValue } from '../../model/json.ts';
import type { ReviewAccess } from '../auth/authorizer.ts';
import type { ReviewToken } from '../auth/bearer-token.ts';
import { decodeConfigMap, parseAnswer, refusal, type Asked, type ConfigMap } from './answers.ts';
import { Backoff, systemClock, type Clock } from './backoff.ts';
import { asClusterError, type ClusterConnection, type ClusterRequest } from './cluster-connection.ts';
import { ClusterError, isRetriable } from './cluster-error.ts';
import { accessReviewFor, decodeAccessReview, decodeTokenReview, tokenReviewFor } from './reviews.ts';
import { readWatch, type WatchEvent } from './watch-events.ts';

/** One object. */
interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** An answer to a question for a document that may not have changed. */
type Document =
  | { readonly changed: false }
  | { readonly changed: true; readonly value: JsonValue; readonly etag: string | undefined };

/** The calls. None depends on `this`. All throw ClusterError, and only that. */
export interface ClusterClient {
  readonly reviewToken: ReviewToken;
  readonly reviewAccess: ReviewAccess;
  readonly readConfigMap: (which: NamespacedName, signal: AbortSignal) => Promise<ConfigMap>;
  /** The changes of one ConfigMap since a resourceVersion, until the server ends the watch or the signal is aborted. */
  readonly watchConfigMap: (which: NamespacedName, options: WatchOptions) => AsyncIterable<WatchEvent>;
  /** A document of the API server's own, such as `/apis`. `etag` is that of the one known. */
  readonly readDocument: (path: string, options: DocumentOptions) => Promise<Document>;
}

/** How to watch. */
interface WatchOptions {
  /** Changes after this one. */
  readonly resourceVersion: string;
  /** After how many seconds the server is to end the watch. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** How to ask for a document. */
interface DocumentOptions {
  readonly accept: string;
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

/** What can be set; the defaults are upstream's. */
interface ClusterClientOptions {
  /** For all attempts of one call together. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/** Source: DelegatingAuthenticationOptions.TokenRequestTimeout and DelegatingAuthorizationOptions.ClientTimeout. */
const TIMEOUT_MS = 10_000;
/** Source: k8s.io/apiserver/pkg/util/webhook/webhook.go, DefaultRetryBackoffWithInitialDelay. */
const RETRIES = { initialMs: 500, factor: 1.5, jitter: 0.2, maxMs: TIMEOUT_MS };
const ATTEMPTS_MAX = 5;

const TOKEN_REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

type Call = Omit<ClusterRequest, 'signal'> & Asked;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly etag: string | undefined;
}

/** The calls over a connection. */
export function createClusterClient(
  connection: Pick<ClusterConnection, 'request'>,
  { timeoutMs = TIMEOUT_MS, clock = systemClock }: ClusterClientOptions = {},
): ClusterClient {
  /** One attempt. */
  async function attempt(what: Call, signal: AbortSignal): Promise<Answer> {
    const request = { ...what, signal };
    const { status, headers, body } = await connection.request(request);
    const text = await body.text().catch((error: unknown) => {
      throw asClusterError(error, request);
    });
    if (status >= 400) throw refusal(what, status, text, headers['retry-after']);
    const { etag } = headers;
    return { status, text, etag: typeof etag === 'string' ? etag : undefined };
  }

  /** Attempts until one is good, is not worth repeating, or the time is over. */
  async function call(what: Call, given?: AbortSignal): Promise<Answer> {
    const over = AbortSignal.timeout(timeoutMs);
    const signal = given === undefined ? over : AbortSignal.any([given, over]);
    const backoff = new Backoff(RETRIES, clock.random);
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(what, signal);
      } catch (error) {
        if (attempts === ATTEMPTS_MAX || !isRetriable(error)) throw error;
        await clock.sleep(waitAfter(error, backoff), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  return {
    reviewToken: async (token) => {
      const body = JSON.stringify(tokenReviewFor(token));
      const permission = 'the ClusterRole system:auth-delegator';
      const { text } = await call({ method: 'POST', path: TOKEN_REVIEWS, body, permission });
      return decodeTokenReview(parseAnswer(text, TOKEN_REVIEWS));
    },
    reviewAccess: async (user, attributes) => {
      const body = JSON.stringify(accessReviewFor(user, attributes));
      const permission = 'the ClusterRole system:auth-delegator';
      const { text } = await call({ method: 'POST', path: ACCESS_REVIEWS, body, permission });
      return decodeAccessReview(parseAnswer(text, ACCESS_REVIEWS));
    },
    readConfigMap: async ({ namespace, name }, signal) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
      const { text } = await call(
        { method: 'GET', path, permission: configMapPermission(namespace) },
        signal,
      );
      return decodeConfigMap(parseAnswer(text, path));
    },
    watchConfigMap: async function* ({ namespace, name }, { resourceVersion, timeoutSeconds, signal }) {
      const query = new URLSearchParams({
        watch: 'true',
        fieldSelector: `metadata.name=${name}`,
        resourceVersion,
        timeoutSeconds: String(timeoutSeconds),
      });
      const path = `/api/v1/namespaces/${namespace}/configmaps?${query.toString()}`;
      const request: ClusterRequest = { method: 'GET', path, signal };
      const { status, headers, body } = await connection.request(request);
      try {
        if (status >= 400) {
          const asked = { ...request, permission: configMapPermission(namespace) };
          throw refusal(asked, status, await body.text(), headers['retry-after']);
        }
        yield* readWatch(body);
      } catch (error) {
        throw asClusterError(error, request);
      }
    },
    readDocument: async (path, { accept, etag, signal }) => {
      const headers = { accept, ...(etag !== undefined && { 'if-none-match': etag }) };
      const permission = 'the ClusterRole system:discovery';
      const answer = await call({ method: 'GET', path, headers, permission }, signal);
      if (answer.status === 304) return { changed: false };
      return { changed: true, value: parseAnswer(answer.text, path), etag: answer.etag };
    },
  };
}

function configMapPermission(namespace: string): string {
  return `the Role extension-apiserver-authentication-reader in the namespace ${namespace}`;
}

/** The backoff, or longer where the API server asks for it. */
function waitAfter(error: unknown, backoff: Backoff): number {
  const retryAfterMs = error instanceof ClusterError ? error.retryAfterMs : undefined;
  return Math.max(backoff.next(), retryAfterMs ?? 0);
}
