/**
 * A source: where audit events come from, as chunks of bytes with their place.
 *
 * A source knows files, not their meaning: what a chunk holds (lines, documents) is for the next stage to say.
 * Chunks of one file come in order and without gaps; `end` closes the file, after which the next file may begin.
 */

/** A piece of a file's decompressed content. */
export interface BytesChunk {
  readonly type: 'bytes';
  /** The file's name within the source; for rotated files the name at the time it was opened. */
  readonly file: string;
  /** Where `bytes` starts in the file's decompressed content. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/** The file is read to its end, and will not grow. A last line without a newline is whole, or never will be. */
export interface EndOfFile {
  readonly type: 'end';
  readonly file: string;
  /** Whether the end was cut off (a truncated archive, a log truncated in place): what is held back is torn. */
  readonly torn: boolean;
}

/** All there is has been handed on; the source waits for more. */
export interface CaughtUp {
  readonly type: 'caught-up';
}

export type SourceItem = BytesChunk | EndOfFile | CaughtUp;

/** What a source says of itself, for `sources` and metrics. */
export interface SourceProgress {
  /** Bytes on disk (compressed ones as they are) that were handed on. */
  readonly bytesRead: number;
  /** Bytes on disk that were not handed on yet, as of the last look. */
  readonly bytesBehind: number;
  /** What is wrong with the source, in words; undefined while all is well. */
  readonly problem: string | undefined;
}

/** A source of audit events: one log with its rotated backups, or standard input. */
export interface Source {
  /** What `sources` calls it: the path as given, or `-`. */
  readonly name: string;
  /**
   * Hands on all there is, oldest first, then follows (where the source was made to follow) until `signal` aborts,
   * which ends the iteration without an error. Reads on only when asked: backpressure is the iterator's.
   */
  items(signal: AbortSignal): AsyncIterable<SourceItem>;
  /** Looks at the disk where it must; cheap enough to be asked at every request. */
  progress(): SourceProgress;
}
