/**
 * Status: the only shape in which a refusal leaves this server, as kube-apiserver and every client of it know it.
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
 *
 * Invariant: `code` is the HTTP status code of the response, and belongs to `reason`.
 */

/** The reasons used here; kube-apiserver has more. */
export type StatusReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'Expired'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout';

const CODES: Readonly<Record<StatusReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  Expired: 410,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** One thing that is wrong, and with which parameter or part of the path. */
export interface StatusCause {
  readonly reason:
    'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueNotSupported' | 'FieldValueDuplicate';
  readonly message: string;
  readonly field: string;
}

/** What the request was about. `kind` is the resource (the plural), as kube-apiserver fills it in. */
export interface StatusSubject {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
}

/** The object as it is sent. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: 'Failure';
  readonly message: string;
  /** Absent for codes that Kubernetes has no reason for. */
  readonly reason?: StatusReason;
  readonly details: StatusSubject & {
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
  readonly code: number;
}

/** A refusal on its way to the client. Its message is written for the client: nothing secret may stand in it. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code = 'STATUS';
  readonly reason: StatusReason;
  readonly causes: readonly StatusCause[];
  /** When it is worth to ask again; undefined where that does not help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: StatusReason,
    message: string,
    causes: readonly StatusCause[] = [],
    options: { readonly cause?: unknown; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.causes = causes;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The Status for a reason. Empty parts of the subject are left out, as Go's omitempty does. */
export function makeStatus(
  reason: StatusReason,
  message: string,
  subject: StatusSubject = {},
  causes: readonly StatusCause[] = [],
  retryAfterSeconds?: number,
): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details: {
      ...withoutEmpty(subject),
      ...(causes.length > 0 && { causes }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
    code: CODES[reason],
  };
}

function withoutEmpty({ group, kind, name }: StatusSubject): StatusSubject {
  return {
    ...(group !== undefined && group !== '' && { group }),
    ...(kind !== undefined && kind !== '' && { kind }),
    ...(name !== undefined && name !== '' && { name }),
  };
}

const QUOTE_LENGTH_MAX = 200;

/** Text of the client's in a message: quoted, and cut where it is long. */
export function quote(text: string): string {
  const cut = text.length > QUOTE_LENGTH_MAX ? `${text.slice(0, QUOTE_LENGTH_MAX)}…` : text;
  return JSON.stringify(cut.toWellFormed());
}
