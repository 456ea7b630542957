/**
 * What the absence of a path proves.
 *
 * A content that is not complete (version.ts) holds only what the recorded requests showed. What another version has
 * beside it was perhaps there all the time: such a change is marked, and nobody is credited with it. Between two
 * incomplete versions that were built one upon the other, what differs is what the requests between them asked for,
 * and is proven.
 */
import type { ObjectHistory } from '../reader.ts';
import { isComplete, isCreation, type Version } from '../version.ts';
import { isUnknown } from './answer.ts';
import type { Change } from './changes.ts';

/** Which differences between two contents are changes. What has a value on both sides always is. */
export interface Proof {
  /** Whether what is absent in the old content was not there. */
  readonly additions: boolean;
  /** Whether what is absent in the new content is gone. */
  readonly removals: boolean;
}

/** What absence proves between two versions; `from` is undefined before the first one. */
export function proofBetween(history: ObjectHistory, from: Version | undefined, to: Version): Proof {
  if (from === undefined) return { additions: isCreation(to), removals: true };
  const [fromComplete, toComplete] = [isComplete(from), isComplete(to)];
  const isContinued = !fromComplete && !toComplete && isUnbroken(history, from, to);
  return { additions: fromComplete || isContinued, removals: toComplete || isContinued };
}

/** The changes, those marked that may be none. */
export function markUnproven(changes: readonly Change[], proof: Proof): readonly Change[] {
  if (proof.additions && proof.removals) return changes;
  return changes.map((change) => {
    if (change.operation === 'add' && !proof.additions) return { ...change, revealed: true };
    return change.operation === 'remove' && !proof.removals ? { ...change, unrecorded: true } : change;
  });
}

/** Whether a change is one for certain. */
export function isProven({ revealed, unrecorded }: Change): boolean {
  return revealed !== true && unrecorded !== true;
}

/** Whether each version from the one to the other was built upon the one before it. */
function isUnbroken({ versions }: ObjectHistory, from: Version, to: Version): boolean {
  const [first, last] = [Math.min(from.number, to.number), Math.max(from.number, to.number)];
  return versions
    .slice(first, last)
    .every((version) => !version.created && !version.deleted && !isUnknown(version));
}
