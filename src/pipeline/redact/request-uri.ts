/**
 * The URI of a connecting request, which holds what was run, and what was asked of what stands behind a proxy; and of one
 * that holds a secret in its path. What is
 * replaced by markers stays told apart: two requests are equal where they were before.
 */
import { type Digest, mark } from './marker.ts';

/** Parameters of exec, attach and portforward that say nothing but how (k8s.io/api/core/v1, PodExecOptions). */
const HARMLESS: ReadonlySet<string> = new Set([
  'container',
  'ports',
  'stderr',
  'stdin',
  'stdout',
  'timeout',
  'timeoutSeconds',
  'tty',
]);

/** The path of an object's subresource (apiserver/pkg/endpoints/request/requestinfo.go). */
const OF_OBJECT =
  /^\/(?:api|apis\/[^/?]+)\/[^/?]+(?:\/namespaces\/[^/?]+)?\/[^/?]+\/[^/?]+\/([^/?]+)(?=[/?]|$)/;

/** A URI of exec, attach or portforward: only parameters known to be harmless keep their values. */
export function redactConnectQuery(digest: Digest, uri: string): string {
  const at = uri.indexOf('?');
  if (at === -1) return uri;
  const parameters = [...new URLSearchParams(uri.slice(at))];
  if (parameters.every(([name]) => HARMLESS.has(name))) return uri;
  const query = parameters.map(([name, value]) => {
    const shown = HARMLESS.has(name) ? value : mark(digest, value);
    return `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(shown.toWellFormed())}`;
  });
  return `${uri.slice(0, at)}?${query.join('&')}`;
}

/** A URI of a subresource that takes a path: what stands behind it is one marker. */
export function redactPathBehind(digest: Digest, uri: string, subresource: string): string {
  const [path, found] = OF_OBJECT.exec(uri) ?? [];
  if (path === undefined || found !== subresource) return mark(digest, uri);
  const behind = uri.slice(path.length);
  return behind === '' ? uri : `${path}/${mark(digest, behind)}`;
}
