/**
 * In which form, and as which kind, a client wants its answer: `?output=` where it is given, else the Accept header.
 */
import { pickOffer, type Conversion } from './accept-clauses.ts';
import { badValue, choiceParameter, orList, type Parameters } from './parameters.ts';
import { StatusError } from './status.ts';
import type { ConvertedKind } from './table.ts';

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

/** What each form is called in an Accept header. */
const MEDIA_TYPES: Readonly<Record<OutputFormat, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  text: 'text/plain',
  patch: 'application/json-patch+json',
};

/** Forms that another kind can have, too. */
const CONVERTIBLE: ReadonlySet<OutputFormat> = new Set<OutputFormat>(['json', 'yaml']);

/** The part of a request that negotiation looks at; Koa's context is one. */
interface AcceptingRequest {
  get(header: string): string;
}

/** How an answer is to be shown. */
export interface Representation {
  readonly format: OutputFormat;
  /** The kind that it is to be turned into; undefined where it stays what it is. */
  readonly as?: Conversion<ConvertedKind> | undefined;
}

/**
 * The representation of an answer. A clause that asks for a kind which this answer does not come in
 * (`application/json;as=Table`) fits nothing and is passed over, so a client falls through to its plain `application/json`.
 * Upstream is stricter in one thing: the metadata of one object, asked of a list, ends its search, with 406.
 * @throws StatusError BadRequest for an output that this route does not have; NotAcceptable where no clause fits
 */
export function negotiateRepresentation(
  request: AcceptingRequest,
  parameters: Parameters,
  formats: readonly OutputFormat[],
  conversions: readonly Conversion<ConvertedKind>[],
): Representation {
  const wanted = outputParameter(parameters, formats);
  if (wanted !== undefined) return { format: wanted };
  const plain = formats.map((format) => ({ format, mediaType: MEDIA_TYPES[format], as: undefined }));
  const converted = plain
    .filter(({ format }) => CONVERTIBLE.has(format))
    .flatMap((offer) => conversions.map((as) => ({ ...offer, as })));
  const offer = pickOffer(request.get('Accept'), [...plain, ...converted]);
  if (offer !== undefined) return { format: offer.format, as: offer.as };
  const types = plain.map(({ mediaType }) => mediaType);
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

/** The form of an answer that only comes as what it is. @throws StatusError as negotiateRepresentation does */
export function negotiateFormat(
  request: AcceptingRequest,
  parameters: Parameters,
  formats: readonly OutputFormat[],
): OutputFormat {
  return negotiateRepresentation(request, parameters, formats, []).format;
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
