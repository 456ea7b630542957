/** What a person did wrong on the command line. Printed without a stack; the process exits with `exitCode`. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
  readonly exitCode = 2;
}

/** The address to listen on is not to be had. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'LISTEN';
}
