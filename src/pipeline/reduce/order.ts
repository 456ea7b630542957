/**
 * The order of the writes on one object. Lines stand in a log in the order in which requests were answered, which is not
 * always the order in which they were stored; and several logs come in any order.
 *
 * What is certain comes first. Writes of one uid: its creation, then the others by their resulting resourceVersion, then
 * what ended it; and one uid ends before the next begins. Such writes form a chain, in which an answer that came late cannot
 * have been stored after a later link was answered: a link's time is the earliest answer from it on. Writes without a uid
 * or a resourceVersion take their place in the chain by the time of their answer.
 *
 * Invariant: the order is a function of the set of writes, whatever order they came in.
 */
import type { Write } from './write.ts';

/** Where a write belongs. Compared member by member, in this order. */
interface Place {
  readonly write: Write;
  /** When it was stored, at the latest. */
  time: number;
  /** Which uid it belongs to, in the order of the uids; -1 where it is not known. */
  readonly incarnation: number;
  readonly rank: Rank;
  /** Its place in the chain; Infinity where it has none. */
  link: number;
}

/** What a write is in the life of a uid: its beginning, something in between, its end. */
const RANKS = { begins: 0, changes: 1, ends: 2 } as const;
type Rank = (typeof RANKS)[keyof typeof RANKS];

/** The writes in their order. */
export function orderWrites(writes: readonly Write[]): Write[] {
  const incarnations = incarnationsOf(writes);
  const places = writes.map((write): Place => {
    const incarnation = incarnations.indexOf(write.uid);
    return { write, time: write.timestamp, incarnation, rank: rankOf(write), link: Infinity };
  });
  const chain = places.filter(isLinked).toSorted(compareLinks);
  chain.reduceRight((earliest, place, index) => {
    place.link = index;
    place.time = Math.min(place.time, earliest);
    return place.time;
  }, Infinity);
  for (const place of places) if (!isLinked(place)) keepWithinLife(place, chain);
  return places.toSorted(comparePlaces).map(({ write }) => write);
}

/**
 * Whether a write comes last, without putting the others in order: told from what they have in common.
 * False where that is not enough to tell.
 */
export function isLast(write: Write, others: Extent): boolean {
  if (write.timestamp <= others.newestTimestamp) return false;
  if (write.uid === '' || !others.uids.has(write.uid)) return true;
  if (others.interleaved || write.uid !== others.newestUid || others.ended) return false;
  if (rankOf(write) === RANKS.begins) return false;
  const comparison = compareResourceVersions(write.resourceVersion, others.newestResourceVersion);
  return comparison === undefined || comparison >= 0;
}

/** What is to be known of an object's writes, to tell whether the next one comes last. */
export interface Extent {
  readonly newestTimestamp: number;
  readonly uids: Set<string>;
  readonly newestUid: string;
  /** The newest uid's greatest; '' where none is known. */
  readonly newestResourceVersion: string;
  /** Whether the newest uid has ended. */
  readonly ended: boolean;
  /** Whether uids take turns, as they do where clocks differ: then which one is the newest is not told by the last write. */
  readonly interleaved: boolean;
}

export const NO_WRITES: Extent = {
  newestTimestamp: -Infinity,
  uids: new Set(),
  newestUid: '',
  newestResourceVersion: '',
  ended: false,
  interleaved: false,
};

/** The extent with one write more, which came last. */
export function extend(extent: Extent, write: Write): Extent {
  const newestTimestamp = Math.max(extent.newestTimestamp, write.timestamp);
  if (write.uid === '') return { ...extent, newestTimestamp };
  const isNew = write.uid !== extent.newestUid;
  const known = isNew ? '' : extent.newestResourceVersion;
  const isNewer = (compareResourceVersions(write.resourceVersion, known) ?? 1) > 0;
  const isReturning = isNew && extent.uids.has(write.uid);
  const isEarlier = extent.uids.size > 0 && write.timestamp < extent.newestTimestamp;
  return {
    newestTimestamp,
    interleaved: extent.interleaved || isReturning || (isEarlier && (extent.uids.size > 1 || isNew)),
    uids: extent.uids.has(write.uid) ? extent.uids : new Set([...extent.uids, write.uid]),
    newestUid: write.uid,
    newestResourceVersion: hasResourceVersion(write) && isNewer ? write.resourceVersion : known,
    ended: (!isNew && extent.ended) || rankOf(write) === RANKS.ends,
  };
}

/** What two writes have in common only if they are one, read twice. An Audit-ID alone is the client's choice. */
export function writeId({
  auditID,
  timestamp,
  requestReceivedTimestamp,
  operation,
  resourceVersion,
  actor,
}: Write): string {
  return JSON.stringify([
    auditID,
    timestamp,
    requestReceivedTimestamp,
    operation,
    resourceVersion,
    actor.user,
  ]);
}

/**
 * Compares two resourceVersions as the integers they are (KEP-5504: comparable within a resource).
 * @returns undefined where one of them is no positive integer
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (!/^[1-9][0-9]*$/.test(a) || !/^[1-9][0-9]*$/.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return compare(a, b);
}

/** The uids, in the order of their first answers. */
function incarnationsOf(writes: readonly Write[]): string[] {
  const first = new Map<string, number>();
  for (const { uid, timestamp } of writes) {
    if (uid !== '') first.set(uid, Math.min(first.get(uid) ?? Infinity, timestamp));
  }
  return [...first].toSorted(([a, timeA], [b, timeB]) => timeA - timeB || compare(a, b)).map(([uid]) => uid);
}

function rankOf({ creates, effect }: Write): Rank {
  if (creates) return RANKS.begins;
  const ends = effect.type === 'deleted' || ('life' in effect && effect.life === 'gone');
  return ends ? RANKS.ends : RANKS.changes;
}

/** Whether a write's place among those of its uid is certain. */
function isLinked({ write, rank }: Place): boolean {
  if (write.uid === '') return false;
  return rank !== RANKS.changes || hasResourceVersion(write);
}

function hasResourceVersion({ resourceVersion }: Write): boolean {
  return compareResourceVersions(resourceVersion, resourceVersion) === 0;
}

/** Not before its uid's first link, and not after what ended it. */
function keepWithinLife(place: Place, chain: readonly Place[]): void {
  const life = chain.filter(({ incarnation }) => incarnation === place.incarnation);
  const [first] = life;
  const end = life.find(({ rank }) => rank === RANKS.ends);
  if (first?.rank === RANKS.begins) place.time = Math.max(place.time, first.time);
  if (end !== undefined) place.time = Math.min(place.time, end.time);
}

function compareLinks(a: Place, b: Place): number {
  return (
    a.incarnation - b.incarnation ||
    a.rank - b.rank ||
    // Those that have no resourceVersion (an end, told by a Status) come behind those that have.
    Number(hasResourceVersion(b.write)) - Number(hasResourceVersion(a.write)) ||
    (compareResourceVersions(a.write.resourceVersion, b.write.resourceVersion) ?? 0) ||
    compareAnswers(a.write, b.write)
  );
}

function comparePlaces(a: Place, b: Place): number {
  return (
    a.time - b.time ||
    a.incarnation - b.incarnation ||
    a.rank - b.rank ||
    (a.link === b.link ? 0 : a.link - b.link) ||
    compareAnswers(a.write, b.write)
  );
}

function compareAnswers(a: Write, b: Write): number {
  return (
    a.timestamp - b.timestamp ||
    a.requestReceivedTimestamp - b.requestReceivedTimestamp ||
    compare(a.auditID, b.auditID)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
