/** What the pipeline writes into the index. */
import type { Action } from '../action.ts';
import type { ObjectKey } from '../object-key.ts';
import type { SourceStatus } from '../source-status.ts';
import type { Terminating, Version } from '../version.ts';

/** The index, as the pipeline sees it. */
export interface Writer {
  /**
   * Makes `versions` the object's versions after its first `keep`: appends, or replaces what a late write changed.
   * `terminating` is the deletion that is pending after them. An object without any version is none.
   */
  setVersions(
    key: ObjectKey,
    keep: number,
    versions: readonly Version[],
    terminating: Terminating | undefined,
  ): void;
  /** Records an action; one that is recorded already (a line that comes twice) is left out. */
  addAction(action: Omit<Action, 'ref'>): void;
  /** Adds a source; `status` is asked whenever somebody wants to know. */
  addSource(status: () => SourceStatus): void;
}
