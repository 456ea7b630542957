/**
 * Events → the index: actions as they come, versions by the fold of each object's writes.
 *
 * Invariant: an object's versions are what folding its writes in their order (order.ts) gives, whatever order their lines
 * came in: a write that comes late is put in its place, and what follows it is folded anew.
 */
import type { AuditEvent } from '../../model/event.ts';
import { JsonTooDeep } from '../../model/json.ts';
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
import { isAfter, isSameWrite } from './order.ts';
import type { Write } from './write.ts';

/** What the reducer leaves out. */
export interface ReduceOptions {
  /** Resources that make no versions and no actions, as `plural.group`. */
  readonly ignoredResources?: readonly string[] | undefined;
  /** Annotations that are no content. */
  readonly bookkeepingAnnotations?: readonly string[] | undefined;
}

/** A write in its place, and what it came to. */
interface Entry {
  readonly write: Write;
  readonly tally: Tally;
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
  readonly #entries = new Map<string, Entry[]>();
  readonly #connections = new Set<string>();

  constructor(writer: Writer, options: ReduceOptions = {}) {
    this.#writer = writer;
    const ignored = options.ignoredResources ?? POLICY_RESOURCES;
    this.#ignored = new Set(ignored.map((text) => formatResource(parseResource(text))));
    this.#bookkeeping = new Set(options.bookkeepingAnnotations ?? BOOKKEEPING_ANNOTATIONS);
  }

  /** Takes one event into the index and counts what it came to. */
  reduce(event: AuditEvent, tally: Tally): void {
    tally.events += 1;
    const { action, drop } = judge(event, this.#ignored);
    const actor = this.#actors.actorOf(event);
    if (action) this.#recordAction(event, actor);
    const writes = drop ?? interpret(event, actor, this.#bookkeeping);
    if (typeof writes === 'string') return tally.count(writes);
    for (const write of writes) this.#insert(write, tally);
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
    if (event.stage !== 'ResponseStarted') return this.#connections.has(id);
    const [oldest] = this.#connections;
    if (this.#connections.size >= CONNECTIONS_MAX && oldest !== undefined) this.#connections.delete(oldest);
    this.#connections.add(id);
    return false;
  }

  #insert(write: Write, tally: Tally): void {
    const id = keyString(write.key);
    const entries = this.#entries.get(id) ?? [];
    let at = entries.length;
    for (let previous = entries[at - 1]; previous !== undefined && isAfter(previous.write, write);) {
      at -= 1;
      previous = entries[at - 1];
    }
    if (isDuplicate(entries, at, write)) return tally.count('duplicate');
    const before = entries[at - 1]?.head ?? NOTHING_KNOWN;
    const replaced = entries.slice(at);
    const folded = this.#foldAll(before, [{ write, tally }, ...replaced]);
    if (folded === undefined) return tally.count('too-deep');
    for (const entry of replaced) entry.tally.uncount(countedAs(entry.outcome));
    for (const entry of folded) entry.tally.count(countedAs(entry.outcome));
    entries.length = at;
    entries.push(...folded);
    this.#entries.set(id, entries);
    const versions = folded.flatMap(({ outcome }) => (typeof outcome === 'string' ? [] : [outcome]));
    const { terminating } = folded.at(-1)?.head ?? before;
    if (versions.length > 0 || replaced.length > 0 || terminating !== before.terminating) {
      this.#writer.setVersions(write.key, before.last?.number ?? 0, versions, terminating);
    }
  }

  #foldAll(before: Head, writes: readonly Pick<Entry, 'write' | 'tally'>[]): Entry[] | undefined {
    const folded: Entry[] = [];
    let head = before;
    try {
      for (const { write, tally } of writes) {
        const next = fold(head, write, this.#bookkeeping);
        head = next.head;
        folded.push({ write: withSharedContent(write, next.head), tally, ...next });
      }
    } catch (error) {
      if (error instanceof JsonTooDeep) return undefined;
      throw error;
    }
    return folded;
  }
}

/** Whether the write is there already, among those that stand where it belongs. */
function isDuplicate(entries: readonly Entry[], at: number, write: Write): boolean {
  for (let index = at - 1; ; index -= 1) {
    const known = entries[index]?.write;
    if (known === undefined || isAfter(write, known)) return false;
    if (isSameWrite(known, write)) return true;
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
