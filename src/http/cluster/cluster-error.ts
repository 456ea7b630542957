/** What can go wrong between this server and the cluster's API server. */

/** Why a call failed, as far as callers act on it. */
type ClusterErrorCode =
  | 'CLUSTER_CONFIG' // no usable kubeconfig or service account
  | 'CLUSTER_UNREACHABLE' // no answer: network, TLS
  | 'CLUSTER_TIMEOUT' // no answer in time
  | 'CLUSTER_REFUSED' // an answer with an HTTP status that is an error
  | 'CLUSTER_ANSWER'; // an answer that cannot be understood

/** What an error can say beside its message. */
interface ClusterErrorDetails {
  /** The HTTP status, where there was an answer. */
  readonly status?: number;
  /** How long the API server asked to wait before the next attempt. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** A call that failed. The message is for the log of this server: it names no token, and is not meant for clients. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  readonly code: ClusterErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ClusterErrorCode, message: string, details: ClusterErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const RETRIABLE_STATUSES: ReadonlySet<number | undefined> = new Set([429, 500, 504]);

/** What undici and Node say of connections that broke or could not be made; a certificate that is wrong stays so. */
const RETRIABLE_CAUSES: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CLOSED',
]);

/**
 * Whether the same call may succeed when it is repeated at once.
 * Source: k8s.io/apiserver/pkg/util/webhook/webhook.go, DefaultShouldRetry; refused connections are added, since an API
 * server that restarts refuses them for a moment.
 */
export function isRetriable(error: unknown): boolean {
  if (!(error instanceof ClusterError)) return false;
  if (error.retryAfterMs !== undefined || RETRIABLE_STATUSES.has(error.status)) return true;
  return error.code === 'CLUSTER_UNREACHABLE' && RETRIABLE_CAUSES.has(systemCode(error.cause));
}

/** The `code` of whatever was thrown, if it has one. */
export function systemCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
