/**
 * A route: which paths it has, which parameters it takes, how it answers, and how the answer reads.
 *
 * A route only turns a request into the call of a query, so that it can be tested, documented and authorised from this table
 * alone.
 */
import type { GroupResource } from '../../model/object-key.ts';
import type { ResourceIndex } from '../../model/query/find-object.ts';
import type { Reader } from '../../model/reader.ts';
import type { Micros } from '../../model/time.ts';
import type { Conversion } from '../accept-clauses.ts';
import { API_VERSION_NAME, GROUP } from '../api-group.ts';
import type { Asker } from '../auth/asker.ts';
import type { ResourceAttributes } from '../auth/attributes.ts';
import type { OutputFormat, Representation } from '../negotiate.ts';
import { choiceParameter, type Parameters, type ParameterTable } from '../parameters.ts';
import { renderJson, renderYaml } from '../render.ts';
import type { StatusSubject } from '../status.ts';
import { conversionsTo, convert, INCLUDE_OBJECT, type ConvertedKind, type TableContents } from '../table.ts';

/** The parts of a path that vary, decoded. */
export interface PathParameters {
  readonly namespace?: string;
  readonly resource?: string;
  readonly name?: string;
}

/** What a route answers from. */
export interface RouteRequest {
  readonly reader: Reader;
  /** The resource types that are recorded or served by the cluster; `refresh` looks for newer ones. */
  readonly resources: ResourceIndex & { readonly refresh: () => Promise<void> };
  readonly asker: Asker;
  readonly now: Micros;
  readonly path: PathParameters;
  readonly parameters: Parameters;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined;
  /** Whether the values of a resource are not kept. */
  readonly isRedacted: (resource: GroupResource) => boolean;
  /** Says what the request turned out to be about, for the details of a refusal. */
  readonly about: (subject: StatusSubject) => void;
}

/** What a request asks for in our own API group, as kube-apiserver understands its path. */
export type RouteAccess = Pick<
  ResourceAttributes,
  'verb' | 'resource' | 'subresource' | 'namespace' | 'name'
>;

/** For the authorizer. */
export function attributesOf(access: RouteAccess): ResourceAttributes {
  return { ...access, group: GROUP, version: API_VERSION_NAME };
}

/** A route as it is written down. */
export interface RouteDefinition<Answer> {
  /** Patterns below the group's base path. */
  readonly paths: readonly string[];
  readonly parameters: ParameterTable;
  /** Whether it needs a source to be configured. */
  readonly needsSource: boolean;
  /** What the path says the request is about. */
  readonly subject: (path: PathParameters) => StatusSubject;
  /** What the asker must be allowed to do before anything else is looked at. */
  readonly access: (path: PathParameters) => RouteAccess;
  readonly answer: (request: RouteRequest) => Answer | Promise<Answer>;
  /** How the answer reads for a person. */
  readonly text: (answer: Answer) => string;
  /** How a line that is no part of the answer begins in its text: '# ' where the text is for a program too. */
  readonly remarkPrefix?: string;
  /** What JSON and YAML show, where that is not the answer itself. */
  readonly body?: (answer: Answer) => unknown;
  /** The answer as YAML, where it is not only its body. */
  readonly yaml?: (answer: Answer) => string;
  /** The answer as an RFC 6902 patch, where it is a change. */
  readonly patch?: (answer: Answer) => unknown;
  /** The answer as a table, where it can be one. */
  readonly table?: (answer: Answer) => TableContents;
  /** Whether the answer is an object with metadata, or a list of such: then the table's objects have all of it. */
  readonly metadataAs?: 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** What the client should know beside the answer, in ASCII. */
  readonly warnings?: (answer: Answer) => readonly string[];
}

/** An answer in the form that was asked for. */
export interface Rendered {
  readonly text: string;
  readonly warnings: readonly string[];
}

/** A route as the app serves it: the type of its answer is its own affair. */
export interface Route {
  readonly paths: readonly string[];
  readonly parameters: ParameterTable;
  readonly formats: readonly OutputFormat[];
  /** What its answer can be turned into. */
  readonly conversions: readonly Conversion<ConvertedKind>[];
  readonly needsSource: boolean;
  readonly subject: (path: PathParameters) => StatusSubject;
  readonly access: (path: PathParameters) => RouteAccess;
  readonly remarkPrefix: string;
  readonly respond: (request: RouteRequest, as: Representation, pretty: boolean) => Promise<Rendered>;
}

/** The parameter of a table that says what its rows hold beside their cells. */
const INCLUDE_PARAMETER = 'includeObject';

/** Makes a route of its definition. */
export function defineRoute<Answer>(definition: RouteDefinition<Answer>): Route {
  const {
    paths,
    parameters,
    needsSource,
    subject,
    access,
    patch,
    table,
    metadataAs,
    remarkPrefix = '',
  } = definition;
  return {
    paths,
    parameters:
      table === undefined ? parameters : { ...parameters, names: [...parameters.names, INCLUDE_PARAMETER] },
    needsSource,
    subject,
    access,
    remarkPrefix,
    formats: ['json', 'yaml', 'text', ...(patch === undefined ? [] : ['patch' as const])],
    conversions:
      table === undefined ? [] : conversionsTo(['Table', ...(metadataAs === undefined ? [] : [metadataAs])]),
    async respond(request, { format, as }, pretty) {
      const include = choiceParameter(request.parameters, INCLUDE_PARAMETER, INCLUDE_OBJECT);
      const answer = await definition.answer(request);
      const text =
        as === undefined || table === undefined
          ? renderAnswer(definition, answer, format, pretty)
          : renderValue(convert(as, table(answer), include ?? 'Metadata'), format, pretty);
      return { text, warnings: definition.warnings?.(answer) ?? [] };
    },
  };
}

function renderAnswer<Answer>(
  definition: RouteDefinition<Answer>,
  answer: Answer,
  format: OutputFormat,
  pretty: boolean,
): string {
  const { body = (whole: Answer): unknown => whole, patch = body } = definition;
  switch (format) {
    case 'json':
      return renderJson(body(answer), pretty);
    case 'yaml':
      return definition.yaml?.(answer) ?? renderYaml(body(answer));
    case 'text':
      return definition.text(answer);
    case 'patch':
      return renderJson(patch(answer), pretty);
  }
}

function renderValue(value: unknown, format: OutputFormat, pretty: boolean): string {
  return format === 'yaml' ? renderYaml(value) : renderJson(value, pretty);
}
