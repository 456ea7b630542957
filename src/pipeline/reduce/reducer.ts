/**
 * Events → the index: actions as they come, versions by the fold of each object's writes.
 *
 * Invariant: an object's versions are what folding its writes in their order (order.ts) gives, whatever order their lines
 * came in: a write that comes late is put in its place, and what follows it is folded anew.
 */
import type { AuditEvent } from '../../model/event.ts';
import { formatResource, keyString, objectKey, parseResource } from '../../model/object-key.ts';
import type { Drop } from '../../model/source-status.ts';
import type { Writer } from '../../model/store/writer.ts';
import type { Actor, Version } from '../../model/version.ts';
import { isConnecting, isDryRun, judge, POLICY_RESOURCES } from '../filter.ts';
import type { Tally } from '../tally.ts';
import { ActorCache } from './actor-cache.ts';
import { BOOKKEEPING_ANNOTATIONS } from './content.ts';
import { fold, type Head, NOTHING_KNOWN } from './fold.ts';
import { interpret, nameOf, namespaceOf } from './interpret.ts';
import { extend, type Extent, isLast, NO_WRITES, orderWrites, writeId } from './order.ts';
import type { Write } from './write.ts';

/** What the reducer leaves out. */
export interface ReduceOptions {
  /** Resources that make no versions and no actions, as `plural.group`. */
  readonly ignoredResources?: readonly string[] | undefined;
  /** Annotations that are no content. */
  readonly bookkeepingAnnotations?: readonly string[] | undefined;
}

/** A write, and where what it comes to is counted. */
interface Pending {
  readonly write: Write;
  readonly tally: Tally;
}

/** A write in its place, and what it came to. */
interface Entry extends Pending {
  readonly head: Head;
  readonly outcome: Version | Drop;
}

/** How many connections are remembered: an exec that outlives so many others is listed twice. */
const CONNECTIONS_MAX = 10_000;

export class Reducer {
  readonly #writer: Writer;
  readonly #ignored: ReadonlySet<string>;
  readonly #bookkeeping: ReadonlySet<string>;
  readonly #actors = new ActorCache();
  readonly #writes = new Map<string, { readonly entries: Entry[]; readonly extent: Extent }>();
  /** Writes that do not come last, until the next flush. */
  readonly #late = new Map<string, Pending[]>();
  readonly #connections = new Set<string>();

  constructor(writer: Writer, options: ReduceOptions = {}) {
    this.#writer = writer;
    const ignored = options.ignoredResources ?? POLICY_RESOURCES;
    this.#ignored = new Set(ignored.map((text) => formatResource(parseResource(text))));
    this.#bookkeeping = new Set(options.bookkeepingAnnotations ?? BOOKKEEPING_ANNOTATIONS);
  }

  /**
   * Takes one event into the index and counts what it came to. A write that does not come last on its object waits for
   * `flush`, so that many of them cost no more than one.
   */
  reduce(event: AuditEvent, tally: Tally): void {
    tally.events += 1;
    const { action, drop } = judge(event, this.#ignored);
    const actor = this.#actors.actorOf(event);
    if (action) this.#recordAction(event, actor);
    const writes = drop ?? interpret(event, actor, this.#bookkeeping);
    if (typeof writes === 'string') return tally.count(writes);
    for (const write of writes) this.#insert(write, tally);
  }

  /** Puts the writes that came late in their places. */
  flush(): void {
    for (const [id, late] of this.#late) this.#insertLate(id, late);
    this.#late.clear();
  }

  #recordAction(event: AuditEvent, actor: Actor): void {
    const { objectRef } = event;
    if (objectRef === undefined || this.#isReported(event)) return;
    this.#writer.addAction({
      timestamp: event.stageTimestamp,
      actor,
      verb: event.verb,
      object: objectKey(
        objectRef.group,
        objectRef.resource,
        namespaceOf(event, objectRef),
        event.verb === 'deletecollection' ? '' : nameOf(event, objectRef),
      ),
      subresource: objectRef.subresource,
      code: event.code,
      auditID: event.auditID,
      dryRun: isDryRun(event),
    });
  }

  /** A connection is reported when it opens, and again when it closes: it is one action. */
  #isReported(event: AuditEvent): boolean {
    if (!isConnecting(event)) return false;
    // An Audit-ID is the client's choice: alone it would let one request hide another.
    const { auditID, verb, requestURI, user, requestReceivedTimestamp } = event;
    const id = JSON.stringify([auditID, verb, requestURI, user, requestReceivedTimestamp]);
    if (this.#connections.has(id)) return true;
    const [oldest] = this.#connections;
    if (this.#connections.size >= CONNECTIONS_MAX && oldest !== undefined) this.#connections.delete(oldest);
    this.#connections.add(id);
    return false;
  }

  #insert(write: Write, tally: Tally): void {
    const id = keyString(write.key);
    const { entries, extent } = this.#writes.get(id) ?? { entries: [], extent: NO_WRITES };
    const pending = { write, tally };
    const late = this.#late.get(id);
    if (late !== undefined) late.push(pending);
    else if (isLast(write, extent))
      this.#refold(id, entries, entries.length, [pending], extend(extent, write));
    else this.#late.set(id, [pending]);
  }

  /** Puts the late writes of an object in their places. */
  #insertLate(id: string, late: readonly Pending[]): void {
    const { entries } = this.#writes.get(id) ?? { entries: [] };
    const known = new Map<Write, Pending>(entries.map((each) => [each.write, each]));
    const seen = new Set(entries.map(({ write }) => writeId(write)));
    for (const pending of late) {
      const identity = writeId(pending.write);
      if (seen.has(identity)) pending.tally.count('duplicate');
      else known.set(pending.write, pending);
      seen.add(identity);
    }
    const ordered = orderWrites([...known.keys()]);
    const firstMoved = ordered.findIndex((each, index) => each !== entries[index]?.write);
    if (firstMoved === -1) return;
    const moved = ordered.slice(firstMoved).flatMap((each) => known.get(each) ?? []);
    this.#refold(id, entries, firstMoved, moved, ordered.reduce(extend, NO_WRITES));
  }

  /** Puts writes in the place of an object's entries from `at` on. */
  #refold(id: string, entries: Entry[], at: number, writes: readonly Pending[], extent: Extent): void {
    const before = entries[at - 1]?.head ?? NOTHING_KNOWN;
    const replaced = entries.slice(at);
    const folded = this.#foldAll(before, writes);
    for (const entry of replaced) entry.tally.uncount(countedAs(entry.outcome));
    for (const entry of folded) entry.tally.count(countedAs(entry.outcome));
    entries.length = at;
    entries.push(...folded);
    this.#writes.set(id, { entries, extent });
    const versions = folded.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome]));
    const { terminating } = folded.at(-1)?.head ?? before;
    const [first] = writes;
    if (
      first !== undefined &&
      (versions.length > 0 || replaced.length > 0 || terminating !== before.terminating)
    ) {
      this.#writer.setVersions(first.write.key, before.last?.number ?? 0, versions, terminating);
    }
  }

  #foldAll(before: Head, writes: readonly Pending[]): Entry[] {
    let head = before;
    return writes.map(({ write, tally }) => {
      const folded = fold(head, write, this.#bookkeeping);
      head = folded.head;
      return { write: withSharedContent(write, head), tally, ...folded };
    });
  }
}

function countedAs(outcome: Version | Drop): Drop | 'version' {
  return typeof outcome === 'string' ? outcome : 'version';
}

/** The write with the content that the index holds in place of its own equal copy, which can then be freed. */
function withSharedContent(write: Write, { last }: Head): Write {
  if (write.effect.type !== 'stored' || last?.content === undefined || write.effect.life === 'gone')
    return write;
  return { ...write, effect: { ...write.effect, content: last.content } };
}
