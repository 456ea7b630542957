/**
 * The query string, held against what a route knows.
 *
 * A misspelt parameter that is ignored gives a wrong answer in silence, so an unknown one is refused, and so is one
 * that is given twice. What is wrong is reported at once, each with a cause that names the parameter. How much a query may hold
 * at all is told by layers/request-target.ts.
 */
import { quote, StatusError, type StatusCause } from './status.ts';

/** What every route takes: kubectl and client-go may add `pretty` and `timeout` to any request. */
export const COMMON_PARAMETERS = ['output', 'pretty', 'timeout'] as const;

/** A parameter's value where '' means something: the core group, an empty string to look for, Go's unset. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set([
  'continue',
  'fieldSelector',
  'group',
  'labelSelector',
  'pretty',
  'resourceVersion',
  'timeout',
  'verbose',
]);
/** More causes than this are not told: whoever sends so many has not misspelt one. */
const CAUSES_MAX = 10;
const PAIR = /^(field|value)([1-9][0-9]?)?$/;

/** Which parameters a route takes beside the common ones. */
export interface ParameterTable {
  readonly names: readonly string[];
  /** Whether it takes the pairs `field`/`value`, `field1`/`value1`, `field2`/`value2` … */
  readonly pairs?: boolean;
}

/** A request's parameters: each known, each there once. */
export type Parameters = ReadonlyMap<string, string>;

/**
 * Parses a query string.
 * @throws StatusError BadRequest, with a cause for each parameter that is unknown, repeated or empty
 */
export function parseParameters(querystring: string, table: ParameterTable): Parameters {
  const known = new Set([...table.names, ...COMMON_PARAMETERS]);
  const causes: StatusCause[] = [];
  const parameters = new Map<string, string>();
  for (const [name, values] of valuesByName(querystring)) {
    const cause = check(name, values, table, known);
    if (cause === undefined) parameters.set(name, values[0] ?? '');
    else causes.push(cause);
  }
  if (causes.length > 0) throw badParameters(causes);
  return parameters;
}

/** In one pass: URLSearchParams looks through all of the query for each name it is asked about. */
function valuesByName(querystring: string): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(querystring)) {
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else values.push(value);
  }
  return given;
}

function check(
  name: string,
  values: readonly string[],
  table: ParameterTable,
  known: ReadonlySet<string>,
): StatusCause | undefined {
  const isPair = table.pairs === true && PAIR.test(name);
  if (!isPair && !known.has(name)) {
    return {
      reason: 'FieldValueNotSupported',
      message: `unknown parameter ${quote(name)}: here are only ${describeNames(table, known).join(', ')}`,
      field: quoteless(name),
    };
  }
  if (values.length > 1) {
    return {
      reason: 'FieldValueDuplicate',
      message: `${name} is given ${values.length} times: give it once`,
      field: name,
    };
  }
  if (values.includes('') && !MAY_BE_EMPTY.has(name) && !name.startsWith('value')) {
    return {
      reason: 'FieldValueRequired',
      message: `${name} is empty: give it a value or leave it out`,
      field: name,
    };
  }
  return undefined;
}

function describeNames(table: ParameterTable, known: ReadonlySet<string>): readonly string[] {
  const pairs = table.pairs === true ? ['field and value', 'field1 and value1, field2 and value2, …'] : [];
  return [...pairs, ...known];
}

function quoteless(name: string): string {
  return quote(name).slice(1, -1);
}

/** One refusal for all that is wrong with the parameters; of very many, the first are told and the rest counted. */
export function badParameters(causes: readonly StatusCause[]): StatusError {
  const told = causes.slice(0, CAUSES_MAX);
  const rest = causes.length - told.length;
  const messages = told.map((cause) => cause.message);
  if (rest > 0) messages.push(`and ${rest} more`);
  return new StatusError('BadRequest', messages.join('; '), told);
}

/** One refusal for one parameter's value. */
export function badValue(field: string, message: string): StatusError {
  return badParameters([{ reason: 'FieldValueInvalid', message, field }]);
}

/**
 * A whole number between two bounds, or undefined where it is not given.
 * @throws StatusError BadRequest
 */
export function integerParameter(
  parameters: Parameters,
  name: string,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= bounds.min && value <= bounds.max) return value;
  throw badValue(name, `${name} is ${quote(text)}: give a whole number from ${bounds.min} to ${bounds.max}`);
}

/** One of some words, or undefined where it is not given. @throws StatusError BadRequest */
export function choiceParameter<Choice extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw badValue(name, `${name} is ${quote(text)}: give ${orList(choices)}`);
}

/** A condition of a bisect: this field has this value. */
export interface FieldValue {
  readonly field: string;
  readonly value: string;
  /** Which parameter the field was given by. */
  readonly parameter: string;
}

/**
 * The pairs `field`/`value`, `field1`/`value1`, … in the order of their numbers.
 * @throws StatusError BadRequest where a pair is not whole, or there is none
 */
export function fieldValuePairs(parameters: Parameters): readonly FieldValue[] {
  const numbers = new Set<number>();
  for (const name of parameters.keys()) {
    const match = PAIR.exec(name);
    if (match !== null) numbers.add(Number(match[2] ?? 0));
  }
  if (numbers.size === 0) numbers.add(0);
  const causes: StatusCause[] = [];
  const pairs: FieldValue[] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const suffix = number === 0 ? '' : String(number);
    const field = parameters.get(`field${suffix}`);
    const value = parameters.get(`value${suffix}`);
    if (field !== undefined && value !== undefined) {
      pairs.push({ field, value, parameter: `field${suffix}` });
    }
    if (field === undefined) causes.push(missing(`field${suffix}`));
    if (value === undefined) causes.push(missing(`value${suffix}`));
  }
  if (causes.length > 0) throw badParameters(causes);
  return pairs;
}

function missing(name: string): StatusCause {
  const example = name.startsWith('field') ? `${name}=image` : `${name}=nginx:1.27`;
  return {
    reason: 'FieldValueRequired',
    message: `${name} is missing: give ${example}, for example`,
    field: name,
  };
}

/** `a, b or c`. */
export function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
