/**
 * One object's head and one write → the next head, and the version that the write made or why it made none. Pure: the
 * history of an object is the fold of its writes in their order.
 *
 * States of a head: nothing known; alive; terminating (a deletion was asked for and is not finished); deleted.
 */
import type { Drop } from '../../model/source-status.ts';
import { type Actor, type Terminating, type Version, versionNumber } from '../../model/version.ts';
import { type State, stateAfter } from './state.ts';
import type { Write } from './write.ts';

/** What is known of an object after some of its writes. */
export interface Head {
  readonly last: Version | undefined;
  /** The deletion that was asked for and is not finished. */
  readonly terminating: Terminating | undefined;
}

/** A head, and what the write that led to it came to. */
export interface Folded {
  readonly head: Head;
  readonly outcome: Version | Drop;
}

export const NOTHING_KNOWN: Head = { last: undefined, terminating: undefined };

/**
 * Folds one write.
 * @throws JsonTooDeep where a body nests too deep
 */
export function fold(head: Head, write: Write, bookkeeping: ReadonlySet<string>): Folded {
  const base = baseOf(head, write);
  const pending = pendingDeletion(head, write);
  const state = stateAfter({ base, terminating: pending !== undefined }, write, bookkeeping);
  if (state.life === 'gone') return foldDeletion(head, pending, write, state);
  const terminating = state.life === 'alive' ? undefined : (pending ?? requestedBy(write));
  if (isUnchanged(base, write, state)) {
    const began = terminating !== undefined && terminating !== head.terminating;
    return { head: { last: head.last, terminating }, outcome: began ? 'deletion-pending' : 'no-op' };
  }
  const created = base === undefined && !isRevived(head, write);
  const outcome: Version = {
    ...commonOf(head, write, write, state),
    content: state.content,
    contentComplete: state.contentComplete,
    deleted: false,
    created,
    firstSeen: created && !write.creates,
    terminating: terminating !== undefined,
    completedBy: undefined,
  };
  return { head: { last: outcome, terminating }, outcome };
}

/** The version that the write changes: none where the object was gone, or is another one by its uid. */
function baseOf({ last }: Head, write: Write): Version | undefined {
  if (last === undefined || last.deleted) return undefined;
  if (!isSameUid(last, write)) return undefined;
  // A create that succeeded found no object: the one before was deleted unseen. The same request again is the same create.
  const isNew = write.operation === 'create' && write.uid === '' && last.auditID !== write.auditID;
  return isNew ? undefined : last;
}

/** Whether the write shows that the object is not gone after all: its uid is the deleted one's. */
function isRevived({ last }: Head, write: Write): boolean {
  return last?.deleted === true && last.uid !== '' && last.uid === write.uid;
}

function foldDeletion(head: Head, pending: Terminating | undefined, write: Write, state: State): Folded {
  const { last } = head;
  if (last?.deleted === true && isSameUid(last, write)) return { head, outcome: 'already-deleted' };
  const asked = pending ?? write;
  const outcome: Version = {
    ...commonOf(head, write, asked, state),
    operation: 'delete',
    // The answer to an update that finishes a deletion shows what was stored last, not the revision of the deletion.
    resourceVersion: write.operation === 'delete' ? write.resourceVersion : '',
    content: undefined,
    deleted: true,
    created: false,
    terminating: false,
    completedBy:
      asked.auditID === write.auditID ? undefined : { user: write.actor.user, auditID: write.auditID },
  };
  return { head: { last: outcome, terminating: undefined }, outcome };
}

/** @param asked whose doing the version is: the write, or the request that the write finishes */
function commonOf(
  { last }: Head,
  write: Write,
  asked: { readonly actor: Actor; readonly auditID: string },
  state: State,
): Omit<Version, 'content' | 'deleted' | 'created' | 'terminating' | 'completedBy'> {
  return {
    number: versionNumber((last?.number ?? 0) + 1),
    operation: write.operation,
    timestamp: write.timestamp,
    actor: asked.actor,
    auditID: asked.auditID,
    uid: write.uid === '' && last?.deleted === false ? last.uid : write.uid,
    resourceVersion: write.resourceVersion,
    generation: write.generation,
    fidelity: state.fidelity,
    apiVersion: state.apiVersion,
    kind: state.kind,
  };
}

/** The deletion that the object waits for. One of another uid is not this object's: how it ended was not recorded. */
function pendingDeletion({ terminating }: Head, write: Write): Terminating | undefined {
  return terminating !== undefined && isSameUid(terminating, write) ? terminating : undefined;
}

function requestedBy({ timestamp, actor, auditID, uid }: Write): Terminating {
  return { since: timestamp, actor, auditID, uid };
}

/** Whether two uids are equal as far as they are known. */
function isSameUid(a: { readonly uid: string }, b: { readonly uid: string }): boolean {
  return a.uid === '' || b.uid === '' || a.uid === b.uid;
}

/** Whether the write left the content as it was. One that was not recorded is taken to have changed it. */
function isUnchanged(base: Version | undefined, write: Write, state: State): boolean {
  if (write.operation === 'delete' && state.content === undefined) return true;
  if (base === undefined) return false;
  if (state.content !== undefined) return state.content === base.content;
  return base.auditID === write.auditID && base.timestamp === write.timestamp;
}
