/**
 * What can be wrong with a question. Callers match on `code`, which is stable; the message is for people and says what
 * to do instead. Nothing here is a defect of the program: those are other errors, and crash.
 */

/** Every way in which a question cannot be answered, and whether what it asks for is malformed or does not exist. */
export const QUERY_ERRORS = {
  VERSION_NOT_FOUND: 'not-found',
  VERSION_MALFORMED: 'invalid',
  TIME_MALFORMED: 'invalid',
  TIME_BEFORE_HISTORY: 'not-found',
  FIELD_NOT_FOUND: 'not-found',
  FIELD_MALFORMED: 'invalid',
  CONTENT_UNKNOWN: 'not-found',
  CONTENT_DELETED: 'not-found',
  RESOURCE_NOT_FOUND: 'not-found',
  RESOURCE_AMBIGUOUS: 'invalid',
  OBJECT_NOT_FOUND: 'not-found',
  CONTINUE_INVALID: 'invalid',
  PARAMETER_INVALID: 'invalid',
} as const satisfies Readonly<Record<string, 'not-found' | 'invalid'>>;

export type QueryErrorCode = keyof typeof QUERY_ERRORS;

/** What an error can say beside its message. */
export interface QueryErrorDetails {
  /** The parameter at fault, as the asker named it. */
  readonly parameter?: string | undefined;
  /** Where in the parameter's text the fault is, from 0. */
  readonly position?: number | undefined;
  /** What could have been meant. */
  readonly candidates?: readonly string[] | undefined;
}

/** A question that cannot be answered as it was asked. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code: QueryErrorCode;
  readonly parameter: string | undefined;
  readonly position: number | undefined;
  readonly candidates: readonly string[];

  constructor(code: QueryErrorCode, message: string, details: QueryErrorDetails = {}) {
    super(message);
    this.code = code;
    this.parameter = details.parameter;
    this.position = details.position;
    this.candidates = details.candidates ?? [];
  }

  /** Whether the question is malformed, or what it asks for does not exist. */
  get reason(): 'not-found' | 'invalid' {
    return QUERY_ERRORS[this.code];
  }
}
