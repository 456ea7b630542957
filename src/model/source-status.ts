/**
 * Where a source stands, and what became of what it brought.
 * Invariant: every line is counted in `events` or under one rejection; every event made a version or is counted under
 * one drop. So `events` = events that made versions + the drops that are not rejections. Only the deletion of a whole
 * collection makes more than one version.
 */

/** Why what was read is no event. */
export const REJECTIONS = [
  'empty', // a line without anything on it
  'malformed', // not JSON, or cut off
  'not-an-event', // JSON, but not an audit event
  'over-long', // longer than the limit on lines
  'too-deep', // nests deeper than the limit
] as const;

/** Why an event makes no version. */
export const DROPS = [
  'stage', // not ResponseComplete: the request is reported again when it is complete
  'read', // get, list, watch
  'non-resource', // a request outside the resource API (a health check, discovery)
  'failed', // answered with an error: nothing was stored
  'dry-run', // nothing was stored, on request
  'policy', // a resource that is left out on purpose (leases and events, by default)
  'not-stored', // a review (of a token, of access) or a token request: answered, and nothing is kept
  'connect', // exec, attach, portforward, proxy: an action without a version
  'status-only', // a write to the status subresource
  'subresource', // a write to a subresource that does not change the object's content
  'deletion-pending', // a deletion was asked for and waits for a finalizer or a grace period
  'already-deleted', // the deletion of an object that is gone
  'duplicate', // a write that was read before: the line came twice
  'no-op', // the content is the same after as before
  'no-name', // the object's name is in neither the reference nor a body
] as const;

export type Rejection = (typeof REJECTIONS)[number];
/** A body can come to nest too deep as well. */
export type Drop = (typeof DROPS)[number] | Extract<Rejection, 'too-deep'>;

/** How far a source has been read into the index: a byte of a file, in the file's decompressed content. */
export interface SourcePosition {
  /** The name of the file. */
  readonly file: string;
  /** How many bytes of its decompressed content have been read. */
  readonly offset: number;
}

/** One source: a log with its rotated backups, or standard input. */
export interface SourceStatus {
  /** What the source is called: a path, a pattern, or - for standard input. */
  readonly name: string;
  /** undefined before the first byte. */
  readonly position: SourcePosition | undefined;
  /** Bytes on disk that are not in the index yet; 0 once all is read. */
  readonly bytesBehind: number;
  /** Bytes on disk that are in the index. */
  readonly bytesRead: number;
  /** How many audit events it has brought. */
  readonly events: number;
  /** How many versions they have made. */
  readonly versions: number;
  /** How many lines and events made no version, by the reason. */
  readonly dropped: Readonly<Partial<Record<Rejection | Drop, number>>>;
  /** What went wrong with the source itself (a file that cannot be opened), in words; undefined while all is well. */
  readonly problem: string | undefined;
}
