/** The operations of the API, from the table of routes: what the two OpenAPI documents have in common. */
import { BASE_PATH } from '../api-group.ts';
import type { ServedApi } from '../discovery/served-api.ts';
import { CONTENT_TYPES, type OutputFormat } from '../negotiate.ts';
import { COMMON_PARAMETERS } from '../parameters.ts';
import type { Route } from '../routes/route.ts';
import { PATH_PARAMETERS, QUERY_PARAMETERS, type ParameterDoc } from './parameter-docs.ts';

/** What of a route is published. */
export type PublishedRoute = Pick<Route, 'paths' | 'parameters' | 'formats'>;

/** A parameter where it stands. */
export interface OperationParameter extends ParameterDoc {
  readonly name: string;
  readonly in: 'path' | 'query';
}

/** A GET of one path. */
export interface Operation {
  /** With its variable parts as `{name}`. */
  readonly path: string;
  readonly operationId: string;
  readonly description: string;
  readonly action: 'get' | 'list';
  /** The kind that clients know the path by: of the answer, or of one item of a list. */
  readonly kind: string;
  /** The kinds of the answer, the usual one first. */
  readonly answers: readonly string[];
  readonly parameters: readonly OperationParameter[];
  readonly contentTypes: readonly (readonly [OutputFormat, string])[];
}

type Meaning = Pick<Operation, 'description' | 'action' | 'kind' | 'answers'> & { readonly word: string };

/** Every operation, by path. @throws TypeError for a route or parameter that is documented nowhere */
export function operationsOf(routes: readonly PublishedRoute[], served: ServedApi): readonly Operation[] {
  const operations = routes.flatMap((route) =>
    route.paths.map((pattern): Operation => {
      const path = `${BASE_PATH}${pattern.replaceAll(/:(\w+)/g, '{$1}')}`;
      const { word, ...meaning } = meaningOf(pattern, served);
      return {
        path,
        operationId: operationId(meaning.action, pattern, word),
        ...meaning,
        parameters: [...pathParameters(pattern), ...queryParameters(route)],
        contentTypes: route.formats.map(
          (format) => [format, CONTENT_TYPES[format].replace(/;.*/, '')] as const,
        ),
      };
    }),
  );
  return operations.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function meaningOf(pattern: string, { objectQuestions, resources }: ServedApi): Meaning {
  const parts = pattern.split('/');
  const last = parts.at(-1) ?? '';
  const question = objectQuestions.find(({ name }) => name === last);
  if (question !== undefined && parts.includes(':name')) {
    const { name: word, kind, description } = question;
    return { word, kind, description, action: 'get', answers: [kind] };
  }
  const isOne = last === ':name';
  const plural = isOne ? parts.at(-2) : last;
  const resource = resources.find((one) => one.plural === plural);
  if (resource === undefined) throw new TypeError(`no kind is known of what the route ${pattern} answers`);
  const { kind, description, otherListKinds = [] } = resource;
  return isOne
    ? { word: resource.plural, kind, description, action: 'get', answers: [kind] }
    : {
        word: resource.plural,
        kind,
        description,
        action: 'list',
        answers: [`${kind}List`, ...otherListKinds],
      };
}

/** Unique in the cluster: kube-apiserver merges the documents of all servers. */
function operationId(action: string, pattern: string, word: string): string {
  const scope = pattern.includes(':namespace')
    ? 'Namespaced'
    : pattern.startsWith('/namespaces/')
      ? 'Namespace'
      : '';
  return `${action === 'get' ? 'read' : 'list'}${capitalize(BASE_PATH.slice('/apis/'.length))}${scope}${capitalize(word)}`;
}

/** `kubeprovenance.cloudark.io/v1` → `KubeprovenanceCloudarkIoV1`. */
function capitalize(text: string): string {
  return text
    .split(/[./]/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function pathParameters(pattern: string): OperationParameter[] {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => documented(name, 'path', PATH_PARAMETERS));
}

function queryParameters({ parameters: table, formats }: PublishedRoute): OperationParameter[] {
  const pairs = table.pairs === true ? ['field', 'value', 'field2', 'value2'] : [];
  const names = new Set([...pairs, ...table.names, ...COMMON_PARAMETERS]);
  const documentedNames = [...names].map((name) => documented(name, 'query', QUERY_PARAMETERS));
  return documentedNames.map((doc) => (doc.name === 'output' ? withValues(doc, formats) : doc));
}

function withValues(parameter: OperationParameter, values: readonly string[]): OperationParameter {
  return { ...parameter, values };
}

function documented(
  name: string,
  place: OperationParameter['in'],
  docs: ReadonlyMap<string, ParameterDoc>,
): OperationParameter {
  const doc = docs.get(name) ?? docs.get(name.replace(/\d+$/, ''));
  if (doc === undefined) throw new TypeError(`nothing says what the ${place} parameter ${name} means`);
  return { name, in: place, ...doc };
}
