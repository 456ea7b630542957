/**
 * What can be wrong with a question. Callers match on `code`, which is stable; the message is for people and says what
 * to do instead. Nothing here is a defect of the program: those are other errors, and crash.
 */

/** Every way in which a question cannot be answered. */
export type QueryErrorCode =
  | 'VERSION_NOT_FOUND'
  | 'VERSION_MALFORMED'
  | 'TIME_MALFORMED'
  | 'TIME_BEFORE_HISTORY'
  | 'FIELD_NOT_FOUND' // it occurs in no version
  | 'FIELD_MALFORMED'
  | 'CONTENT_UNKNOWN' // the version exists, its content was not recorded
  | 'CONTENT_DELETED' // the version is a deletion
  | 'RESOURCE_NOT_FOUND'
  | 'RESOURCE_AMBIGUOUS'
  | 'OBJECT_NOT_FOUND'
  | 'CONTINUE_EXPIRED'
  | 'ANSWER_TOO_LARGE' // it would hold too much to be put together
  | 'PARAMETER_INVALID';

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
}
