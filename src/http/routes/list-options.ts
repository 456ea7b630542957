/**
 * Lists: what they take, and the parameters by which clients of Kubernetes list any resource, as far as object histories
 * know them.
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go, ListOptions.
 */
import { badValue, integerParameter, type Parameters } from '../parameters.ts';
import { quote, StatusError } from '../status.ts';
import type { PathParameters, RouteAccess } from './route.ts';

/** What listing something takes, in a namespace or everywhere. */
export function listAccess(resource: string): (path: PathParameters) => RouteAccess {
  return ({ namespace = '' }) => ({ verb: 'list', resource, subresource: '', namespace, name: '' });
}

/** The parameter of lists that are always given whole. */
export const IGNORED_PAGING = ['limit'] as const;

/**
 * Looks at the limit of a list that is always given whole: `kubectl get` asks every list for pages of 500, and a server may
 * give more than it was asked for.
 * @throws StatusError BadRequest where it is no whole number
 */
export function ignoreLimit(parameters: Parameters): void {
  limitOption(parameters);
}

function limitOption(parameters: Parameters): number | undefined {
  return integerParameter(parameters, 'limit', { min: 0, max: Number.MAX_SAFE_INTEGER });
}

/** The names of all of them. */
export const LIST_OPTIONS = [
  'limit',
  'continue',
  'fieldSelector',
  'labelSelector',
  'watch',
  'resourceVersion',
  // What they say holds for every list here: it is of now, and of all that is known.
  'resourceVersionMatch',
  'timeoutSeconds',
  'allowWatchBookmarks',
  'sendInitialEvents',
] as const;

/** What to list. */
interface ListOptions {
  /** 0 means as many as the server likes. */
  readonly limit: number | undefined;
  /** undefined for the first page. */
  readonly continue: string | undefined;
  /** What the metadata must be; what is undefined does not matter. */
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

/** The fields that can be selected by, as upstream lets all custom resources be. */
const FIELDS = ['metadata.name', 'metadata.namespace'] as const;

/**
 * The options of a list.
 * @throws StatusError MethodNotAllowed for a watch; BadRequest for what would select by something that is not there
 */
export function listOptions(parameters: Parameters): ListOptions {
  const watch = parameters.get('watch');
  // As Go reads it: whatever is not a no is a yes.
  if (watch !== undefined && !/^(0|false)$/i.test(watch)) {
    throw new StatusError('MethodNotAllowed', 'watch is not supported: list again to see what is new');
  }
  if ((parameters.get('labelSelector') ?? '') !== '') {
    throw badValue('labelSelector', 'labelSelector selects nothing here: object histories have no labels');
  }
  const resourceVersion = parameters.get('resourceVersion') ?? '';
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badValue(
      'resourceVersion',
      'object histories have no resource versions: leave resourceVersion out',
    );
  }
  const fields = selectedFields(parameters.get('fieldSelector') ?? '');
  return {
    limit: limitOption(parameters),
    // client-go sends an empty `continue` for the first page.
    continue: parameters.get('continue') || undefined,
    name: fields.get('metadata.name'),
    namespace: fields.get('metadata.namespace'),
  };
}

/**
 * The terms of a field selector: `FIELD=VALUE` or `FIELD==VALUE`, between commas. A backslash takes `=`, `,` and itself for
 * a part of the value. Source: k8s.io/apimachinery/pkg/fields/selector.go.
 */
function selectedFields(selector: string): ReadonlyMap<string, string> {
  const terms = selector.match(/(?:[^\\,]|\\.)+/gs) ?? [];
  const fields = new Map<string, string>();
  for (const term of terms) {
    const [, field = '', escaped = ''] = /^([\w.]+)==?((?:[^\\=]|\\.)*)$/s.exec(term) ?? [];
    if (!FIELDS.some((known) => known === field)) {
      const message = `fieldSelector ${quote(term)} is not supported: give ${FIELDS.join('=… or ')}=…`;
      throw badValue('fieldSelector', message);
    }
    const value = escaped.replaceAll(/\\(.)/gs, '$1');
    const known = fields.get(field);
    if (known !== undefined && known !== value)
      throw badValue('fieldSelector', `fieldSelector gives ${field} two values, which nothing has`);
    fields.set(field, value);
  }
  return fields;
}
