/**
 * In which form a client wants its answer: `?output=` where it is given, else the Accept header.
 */
import { badValue, choiceParameter, orList, type Parameters } from './parameters.ts';
import { StatusError } from './status.ts';

/** The forms an answer can take. `patch` is RFC 6902, for answers that are a change. */
export type OutputFormat = 'json' | 'yaml' | 'text' | 'patch';

const FORMATS: readonly OutputFormat[] = ['json', 'yaml', 'text', 'patch'];

/** What Content-Type says of each form. */
export const CONTENT_TYPES: Readonly<Record<OutputFormat, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  text: 'text/plain; charset=utf-8',
  patch: 'application/json-patch+json',
};

/** What each form is called in an Accept header; clients add the charset to any of them. */
const OFFERS: ReadonlyMap<string, OutputFormat> = new Map<string, OutputFormat>([
  ['application/json', 'json'],
  ['application/json; charset=utf-8', 'json'],
  ['application/yaml', 'yaml'],
  ['application/yaml; charset=utf-8', 'yaml'],
  ['text/plain', 'text'],
  ['text/plain; charset=utf-8', 'text'],
  ['application/json-patch+json', 'patch'],
]);

/** Longer than any client sends; the parser of Accept headers takes quadratic time on hostile ones. */
const ACCEPT_LENGTH_MAX = 4096;

/** The part of a request that negotiation looks at; Koa's context is one. */
export interface AcceptingRequest {
  get(header: string): string;
  accepts(types: string[]): string | string[] | false;
}

/**
 * The form of an answer. A clause that asks for another representation (`application/json;as=Table`) fits none of ours
 * and is passed over, so `kubectl get` falls through to its plain `application/json`.
 * @throws StatusError BadRequest for an output that this route does not have; NotAcceptable where no clause fits
 */
export function negotiateFormat(
  request: AcceptingRequest,
  parameters: Parameters,
  formats: readonly OutputFormat[],
): OutputFormat {
  const wanted = outputParameter(parameters, formats);
  if (wanted !== undefined) return wanted;
  const offers = [...OFFERS.keys()].filter((type) => formats.some((format) => OFFERS.get(type) === format));
  const accepted = request.get('Accept').length <= ACCEPT_LENGTH_MAX && request.accepts(offers);
  const format = typeof accepted === 'string' ? OFFERS.get(accepted) : undefined;
  if (format !== undefined) return format;
  const types = offers.filter((type) => !type.includes(';'));
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

/**
 * The form that `output` names, or undefined where it is not given.
 * @throws StatusError BadRequest for one that this route does not have
 */
export function outputParameter(
  parameters: Parameters,
  formats: readonly OutputFormat[],
): OutputFormat | undefined {
  const wanted = parameters.get('output');
  const known = FORMATS.find((format) => format === wanted);
  if (known !== undefined && !formats.includes(known)) {
    throw badValue('output', `there is no output=${known} here: give ${orList(formats)}`);
  }
  return choiceParameter(parameters, 'output', formats);
}

/** Programs with a person in front of them. kube-apiserver has the same rule, but for kubectl. */
const PEOPLES_PROGRAMS = /^(kubectl|curl|Wget|Mozilla)/;
/** As Go's strconv.ParseBool. */
const TRUE = /^(1|t|T|TRUE|true|True)$/;
const FALSE = /^(0|f|F|FALSE|false|False)$/;

/**
 * Whether JSON should be indented: as `pretty` says, else where a person reads it.
 * @throws StatusError BadRequest
 */
export function wantsPretty(userAgent: string, parameters: Parameters): boolean {
  const pretty = parameters.get('pretty') ?? '';
  if (pretty === '') return isPretty(userAgent, '');
  if (TRUE.test(pretty) || FALSE.test(pretty)) return TRUE.test(pretty);
  throw badValue('pretty', 'pretty is neither true nor false');
}

/** The same for a refusal: whatever is wrong with the parameters, it never throws. */
export function isPretty(userAgent: string, querystring: string): boolean {
  const pretty = querystring.includes('pretty') ? (new URLSearchParams(querystring).get('pretty') ?? '') : '';
  if (TRUE.test(pretty)) return true;
  return !FALSE.test(pretty) && PEOPLES_PROGRAMS.test(userAgent);
}
