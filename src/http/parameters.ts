/**
 * The query string, held against what a route knows.
 *
 * A misspelt parameter that is ignored gives a wrong answer in silence, so an unknown one is refused, and so is one
 * that is given twice. All that is wrong is reported at once, each with a cause that names the parameter.
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
const PAIR = /^(field|value)([1-9][0-9]?)?$/;

/** Which parameters a route takes beside the common ones. */
export interface ParameterTable {
  readonly names: readonly string[];
  /** Whether it takes the pairs `field`/`value`, `field1`/`value1`, `field2`/`value2` … */
  readonly pairs?: boolean;
  /** Parameters that may stand several times. */
  readonly repeatable?: readonly string[];
}

/** A request's parameters: each known, each there once. */
export type Parameters = ReadonlyMap<string, string>;

/**
 * Parses a query string.
 * @throws StatusError BadRequest, with a cause for each parameter that is unknown, repeated or empty
 */
export function parseParameters(querystring: string, table: ParameterTable): Parameters {
  const given = new URLSearchParams(querystring);
  const causes: StatusCause[] = [];
  const parameters = new Map<string, string>();
  for (const name of new Set(given.keys())) {
    const values = given.getAll(name);
    const cause = check(name, values, table);
    if (cause === undefined) parameters.set(name, values.join(','));
    else causes.push(cause);
  }
  if (causes.length > 0) throw badParameters(causes);
  return parameters;
}

function check(name: string, values: readonly string[], table: ParameterTable): StatusCause | undefined {
  const isPair = table.pairs === true && PAIR.test(name);
  if (!isPair && !knownNames(table).includes(name)) {
    const known = describeNames(table).join(', ');
    return {
      reason: 'FieldValueNotSupported',
      message: `unknown parameter ${quote(name)}: here are only ${known}`,
      field: quoteless(name),
    };
  }
  if (values.length > 1 && table.repeatable?.includes(name) !== true) {
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

function knownNames(table: ParameterTable): readonly string[] {
  return [...table.names, ...COMMON_PARAMETERS];
}

function describeNames(table: ParameterTable): readonly string[] {
  const pairs = table.pairs === true ? ['field and value', 'field1 and value1, field2 and value2, …'] : [];
  return [...pairs, ...knownNames(table)];
}

function quoteless(name: string): string {
  return quote(name).slice(1, -1);
}

/** One refusal for all that is wrong with the parameters. */
export function badParameters(causes: readonly StatusCause[]): StatusError {
  return new StatusError('BadRequest', causes.map((cause) => cause.message).join('; '), causes);
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
