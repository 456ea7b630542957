/** What the pipeline writes into the index. */
import type { Action } from '../action.ts';
import type { ObjectKey } from '../object-key.ts';
import type { SourceStatus } from '../source-status.ts';
import type { Version } from '../version.ts';

/** The index, as the pipeline sees it. */
export interface Writer {
  /** Makes `versions` the object's versions after its first `keep`: appends, or replaces what a late write changed. */
  setVersions(key: ObjectKey, keep: number, versions: readonly Version[]): void;
  /** Records an action. */
  addAction(action: Omit<Action, 'ref'>): void;
  /** Adds a source; `status` is asked whenever somebody wants to know. */
  addSource(status: () => SourceStatus): void;
}
