/** What kube-apiserver answers: its refusals, and objects as far as they matter here. */
import {
  isObject,
  objectMember,
  parseJson,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import { ClusterError } from './cluster-error.ts';

/** What was asked, for the message of a refusal. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  /** What may be missing where the answer is 403. */
  readonly permission: string;
}

/** A ConfigMap, as far as it matters here. */
export interface ConfigMap {
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, string>>;
}

/** An answer with an HTTP status that is an error, as an error that says what to do. */
export function refusal(
  { method, path, permission }: Asked,
  status: number,
  text: string,
  retryAfter: string | readonly string[] | undefined,
): ClusterError {
  const advice = adviceFor(status, permission);
  const message = `kube-apiserver answered ${method} ${path.replace(/\?.*/s, '')} with ${status}: ${statusMessage(text)}`;
  const seconds =
    typeof retryAfter === 'string' && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const retryAfterMs = seconds === undefined ? undefined : seconds * 1000;
  return new ClusterError('CLUSTER_REFUSED', `${message}${advice}`, { status, retryAfterMs });
}

function adviceFor(status: number, permission: string): string {
  if (status === 403) return `; bind ${permission} to this server's identity`;
  if (status !== 401) return '';
  return '; the token or certificate in the kubeconfig has expired or is of another cluster: renew it, it is read again';
}

const TEXT_LENGTH_MAX = 200;

/** The message of a Status; what stands there where the answer is none, as a proxy's. */
function statusMessage(text: string): string {
  try {
    const value = parseJson(text);
    const message = isObject(value) ? stringMember(value, 'message') : undefined;
    if (message !== undefined) return message;
  } catch {
    // It is no JSON.
  }
  return JSON.stringify(text.slice(0, TEXT_LENGTH_MAX));
}

/** @throws ClusterError CLUSTER_ANSWER where a text is no JSON */
export function parseAnswer(text: string, path: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    throw new ClusterError('CLUSTER_ANSWER', `kube-apiserver answered ${path} with what is no JSON`, {
      cause: error,
    });
  }
}

/** @throws ClusterError CLUSTER_ANSWER where it is no ConfigMap */
export function decodeConfigMap(value: JsonValue): ConfigMap {
  const metadata: JsonObject | undefined = isObject(value) ? objectMember(value, 'metadata') : undefined;
  if (!isObject(value) || metadata === undefined) {
    throw new ClusterError('CLUSTER_ANSWER', 'kube-apiserver answered with what is no ConfigMap');
  }
  const data = Object.entries(objectMember(value, 'data') ?? {}).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text] as const] : [],
  );
  return { resourceVersion: stringMember(metadata, 'resourceVersion') ?? '', data: Object.fromEntries(data) };
}
