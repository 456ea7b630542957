/**
 * What can be wrong with a source, and the words for it.
 *
 * A source that follows never fails: it says what is wrong and tries again. A source that reads once throws a
 * SourceError, whose `code` is stable and whose message says what to do.
 */

export type SourceErrorCode =
  | 'SOURCE_NOT_FOUND' // the path, glob or directory holds no log
  | 'SOURCE_UNREADABLE' // it is there, and may not be read
  | 'SOURCE_READ_FAILED' // reading began and failed
  | 'SOURCE_UNSTABLE'; // files vanish faster than they can be opened

export class SourceError extends Error {
  readonly code: SourceErrorCode;
  readonly path: string;

  constructor(code: SourceErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.code = code;
    this.path = path;
  }
}

/** The `code` of an error of the operating system (`ENOENT`, …), or undefined for any other error. */
export function faultCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the file or a folder on its way is not there. */
export function isMissing(error: unknown): boolean {
  const code = faultCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether the file is there and we may not read it. */
export function isForbidden(error: unknown): boolean {
  const code = faultCode(error);
  return code === 'EACCES' || code === 'EPERM';
}

/** What is wrong with `path`, in words, with what to do about it. */
export function describeFault(error: unknown, path: string): string {
  if (isForbidden(error)) {
    return `${path} may not be read (permission denied): run as a user that may; kube-apiserver creates its audit log with mode 0600, owned by root`;
  }
  if (isMissing(error)) return `${path} does not exist: check the path and kube-apiserver's --audit-log-path`;
  switch (faultCode(error)) {
    case 'EIO':
      return `reading ${path} failed (input/output error): look at the disk and at the kernel's log`;
    case 'EMFILE':
    case 'ENFILE':
      return `${path} cannot be opened (too many open files): raise the limit on open files (ulimit -n)`;
    case 'ESTALE':
      return `reading ${path} failed (stale file handle): look at the network file system`;
    default:
      return `reading ${path} failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The error that a source which reads once throws for a failure of the operating system. */
export function sourceError(error: unknown, path: string): SourceError {
  const message = describeFault(error, path);
  if (isForbidden(error)) return new SourceError('SOURCE_UNREADABLE', path, message, { cause: error });
  if (isMissing(error)) return new SourceError('SOURCE_NOT_FOUND', path, message, { cause: error });
  return new SourceError('SOURCE_READ_FAILED', path, message, { cause: error });
}
