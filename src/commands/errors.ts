/** What a person did wrong on the command line. Printed without a stack; the process exits with `exitCode`. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
  readonly exitCode = 2;
}
