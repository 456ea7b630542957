/**
 * The user whom the front proxy names in headers. Only for requests whose certificate is the front proxy's.
 * Source: k8s.io/apiserver/pkg/authentication/request/headerrequest/requestheader.go.
 *
 * `rawHeaders` is read, not `headers`: Node joins repeated headers by commas, and a group's name may hold one. Their bytes
 * are UTF-8, which Node hands on as if they were latin1.
 */
import type { RequestHeaderConfig } from './authentication-config.ts';
import type { User } from './user.ts';

interface Header {
  readonly name: string;
  readonly value: string;
}

/**
 * The user; undefined where no username header has a value.
 * @param rawHeaders names and values in turn, as IncomingMessage has them
 */
export function requestHeaderUser(
  rawHeaders: readonly string[],
  config: Omit<RequestHeaderConfig, 'clientCa' | 'allowedNames'>,
): User | undefined {
  const headers = readHeaders(rawHeaders);
  const name = firstValue(headers, config.usernameHeaders);
  if (name === '') return undefined;
  return {
    name,
    uid: firstValue(headers, config.uidHeaders),
    groups: config.groupHeaders
      .flatMap((header) => allValues(headers, header))
      .filter((group) => group !== ''),
    extra: readExtra(headers, config.extraHeadersPrefixes),
  };
}

/** Headers with lower-case names and decoded values. */
function readHeaders(rawHeaders: readonly string[]): readonly Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.push({ name: (rawHeaders[at] ?? '').toLowerCase(), value: decodeUtf8(rawHeaders[at + 1] ?? '') });
  }
  return headers;
}

function decodeUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function allValues(headers: readonly Header[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter((header) => header.name === wanted).map(({ value }) => value);
}

/** The first value of the first header that has one; a header that begins with an empty value has none, as in Go. */
function firstValue(headers: readonly Header[], names: readonly string[]): string {
  return names.map((name) => allValues(headers, name)[0] ?? '').find((value) => value !== '') ?? '';
}

function readExtra(headers: readonly Header[], prefixes: readonly string[]): User['extra'] {
  const extra = new Map<string, readonly string[]>();
  for (const prefix of prefixes.map((one) => one.toLowerCase())) {
    for (const { name, value } of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = decodeKey(name.slice(prefix.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    }
  }
  return extra;
}

/** Keys are percent-encoded, because not all of their characters may stand in a header's name. Lower case comes first. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
