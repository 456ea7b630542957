/**
 * Whose word about a caller this server takes: the CAs of the front proxy and of client certificates, and the headers in
 * which the front proxy names the user.
 *
 * It comes from flags or from the ConfigMap `extension-apiserver-authentication` in kube-system, which kube-apiserver keeps.
 * Invariant: every `clientCa` in here holds at least one certificate, and every one in it can be read.
 * Sources: k8s.io/apiserver/pkg/server/options/authentication.go and authentication_dynamic_request_header.go.
 */
import { isArray, parseJson, type JsonValue } from '../../model/json.ts';
import { messageOf } from '../../model/message-of.ts';
import { parseCertificates } from './certificate-pem.ts';

/** How the front proxy (kube-apiserver) proves itself, and where it puts the user. Names of headers in any case. */
export interface RequestHeaderConfig {
  /** PEM of the CAs that issue the front proxy's certificate. */
  readonly clientCa: string;
  /** Common names that certificate may have; none means any. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  /** Empty where nobody said so: a kube-apiserver before 1.32 hands on a client's own X-Remote-Uid. */
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeadersPrefixes: readonly string[];
}

/** What is known; a part that is undefined authenticates nobody. */
export interface AuthenticationConfig {
  readonly requestHeader: RequestHeaderConfig | undefined;
  /** PEM of the CAs that issue client certificates. */
  readonly clientCa: string | undefined;
}

/** The headers where flags name none, as upstream: no header for the uid. */
export const REQUEST_HEADER_DEFAULTS: Omit<RequestHeaderConfig, 'clientCa'> = {
  allowedNames: [],
  usernameHeaders: ['x-remote-user'],
  uidHeaders: [],
  groupHeaders: ['x-remote-group'],
  extraHeadersPrefixes: ['x-remote-extra-'],
};

/** The ConfigMap says something that cannot be understood. Whoever watches it keeps what was there before. */
export class AuthenticationConfigError extends Error {
  override readonly name = 'AuthenticationConfigError';
  readonly code = 'AUTHENTICATION_CONFIG';
}

/**
 * The `data` of the ConfigMap. A CA that is not there (any more) is not trusted; other keys are not looked at.
 * @throws AuthenticationConfigError that names the key
 */
export function parseAuthenticationConfigMap(data: Readonly<Record<string, string>>): AuthenticationConfig {
  const values = new Map(Object.entries(data));
  const clientCa = parseCa(values, 'requestheader-client-ca-file');
  const requestHeader = {
    allowedNames: parseList(values, 'requestheader-allowed-names'),
    usernameHeaders: parseList(values, 'requestheader-username-headers'),
    uidHeaders: parseList(values, 'requestheader-uid-headers'),
    groupHeaders: parseList(values, 'requestheader-group-headers'),
    extraHeadersPrefixes: parseList(values, 'requestheader-extra-headers-prefix'),
  };
  return {
    requestHeader: clientCa === undefined ? undefined : { clientCa, ...requestHeader },
    clientCa: parseCa(values, 'client-ca-file'),
  };
}

/** What flags say counts, each part for itself; the ConfigMap fills in what they do not. */
export function mergeAuthenticationConfig(
  flags: AuthenticationConfig,
  configMap: AuthenticationConfig,
): AuthenticationConfig {
  return {
    requestHeader: flags.requestHeader ?? configMap.requestHeader,
    clientCa: flags.clientCa ?? configMap.clientCa,
  };
}

/** PEM of all CAs of which a connection may show a certificate: what TLS is to ask for. '' where there is none. */
export function clientCaBundle({ requestHeader, clientCa }: AuthenticationConfig): string {
  return [requestHeader?.clientCa, clientCa].filter((pem) => pem !== undefined).join('\n');
}

function parseCa(values: ReadonlyMap<string, string>, key: string): string | undefined {
  const pem = values.get(key) ?? '';
  if (pem === '') return undefined;
  try {
    parseCertificates(pem);
  } catch (error) {
    throw new AuthenticationConfigError(`${key} is no CA bundle: ${messageOf(error)}`, { cause: error });
  }
  return pem;
}

/** Lists are JSON in a string. An empty prefix would make every header an extra, so no item may be empty. */
function parseList(values: ReadonlyMap<string, string>, key: string): readonly string[] {
  const text = values.get(key) ?? '';
  if (text === '') return [];
  const list = parseOrUndefined(text);
  // Go reads null into a nil slice.
  if (list === null) return [];
  if (!isArray(list)) throw new AuthenticationConfigError(`${key} is not a JSON list`);
  return list.map((item) => {
    if (typeof item === 'string' && item.trim() !== '') return item;
    throw new AuthenticationConfigError(`${key} has an item that is not a name`);
  });
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
