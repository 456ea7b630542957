/**
 * A route: which paths it has, which parameters it takes, how it answers, and how the answer reads.
 *
 * A route only turns a request into the call of a query, so that it can be tested, documented and, later, authorised from
 * this table alone.
 */
import type { Reader } from '../../model/reader.ts';
import type { Micros } from '../../model/time.ts';
import type { OutputFormat } from '../negotiate.ts';
import type { Parameters, ParameterTable } from '../parameters.ts';
import { renderJson, renderYaml } from '../render.ts';
import type { StatusSubject } from '../status.ts';

/** The parts of a path that vary, decoded. */
export interface PathParameters {
  readonly namespace?: string;
  readonly resource?: string;
  readonly name?: string;
}

/** What a route answers from. */
export interface RouteRequest {
  readonly reader: Reader;
  readonly now: Micros;
  readonly path: PathParameters;
  readonly parameters: Parameters;
  /** Says what the request turned out to be about, for the details of a refusal. */
  readonly about: (subject: StatusSubject) => void;
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
  readonly needsSource: boolean;
  readonly subject: (path: PathParameters) => StatusSubject;
  readonly remarkPrefix: string;
  readonly respond: (request: RouteRequest, format: OutputFormat, pretty: boolean) => Promise<Rendered>;
}

/** Makes a route of its definition. */
export function defineRoute<Answer>(definition: RouteDefinition<Answer>): Route {
  const { paths, parameters, needsSource, subject, patch, remarkPrefix = '' } = definition;
  return {
    paths,
    parameters,
    needsSource,
    subject,
    remarkPrefix,
    formats: ['json', 'yaml', 'text', ...(patch === undefined ? [] : ['patch' as const])],
    async respond(request, format, pretty) {
      const answer = await definition.answer(request);
      return {
        text: renderAnswer(definition, answer, format, pretty),
        warnings: definition.warnings?.(answer) ?? [],
      };
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
