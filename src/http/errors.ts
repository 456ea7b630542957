/**
 * Whatever was thrown, as a Status. What is not meant for the client becomes an InternalError that says nothing.
 */
import { QueryError, type QueryErrorCode } from '../model/errors.ts';
import { makeStatus, StatusError, type Status, type StatusReason, type StatusSubject } from './status.ts';

/** The model's errors on the wire. A Record, so that a new code cannot be forgotten here. */
const REASONS: Readonly<Record<QueryErrorCode, StatusReason>> = {
  VERSION_NOT_FOUND: 'NotFound',
  VERSION_MALFORMED: 'BadRequest',
  TIME_MALFORMED: 'BadRequest',
  TIME_BEFORE_HISTORY: 'NotFound',
  FIELD_NOT_FOUND: 'NotFound',
  FIELD_MALFORMED: 'BadRequest',
  CONTENT_UNKNOWN: 'NotFound',
  CONTENT_DELETED: 'NotFound',
  RESOURCE_NOT_FOUND: 'NotFound',
  RESOURCE_AMBIGUOUS: 'BadRequest',
  OBJECT_NOT_FOUND: 'NotFound',
  CONTINUE_EXPIRED: 'Expired',
  ANSWER_TOO_LARGE: 'BadRequest',
  PARAMETER_INVALID: 'BadRequest',
};

/** The Status for an error; `subject` is what the request was about, as far as it was understood. */
export function statusOf(error: unknown, subject: StatusSubject): Status {
  if (error instanceof StatusError) {
    const { reason, message, causes, retryAfterSeconds } = error;
    // As upstream: who is not known is not told what the request was about.
    return makeStatus(reason, message, reason === 'Unauthorized' ? {} : subject, causes, retryAfterSeconds);
  }
  if (error instanceof QueryError) {
    const { message, parameter } = error;
    const causes =
      parameter === undefined ? [] : [{ reason: 'FieldValueInvalid' as const, message, field: parameter }];
    return makeStatus(REASONS[error.code], message, subject, causes);
  }
  return makeStatus(
    'InternalError',
    'an internal error occurred; the log of the server has the details',
    subject,
  );
}
