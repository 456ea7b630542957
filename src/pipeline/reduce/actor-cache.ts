/** Actors, each held once: a cluster's few hundred senders make all of its requests. */
import type { AuditEvent } from '../../model/event.ts';
import type { Actor } from '../../model/version.ts';

/** How many senders are remembered; beyond, they are held per request (userAgent is the client's choice). */
const ACTORS_MAX = 100_000;

export class ActorCache {
  readonly #actors = new Map<string, Actor>();

  /** Who sent the request of an event. */
  actorOf(event: AuditEvent): Actor {
    const id = JSON.stringify([event.user, event.impersonatedUser ?? null, event.userAgent, event.sourceIPs]);
    const known = this.#actors.get(id);
    if (known !== undefined) return known;
    const actor: Actor = {
      user: event.impersonatedUser ?? event.user,
      impersonatedBy: event.impersonatedUser === undefined ? undefined : event.user,
      userAgent: event.userAgent,
      sourceIPs: event.sourceIPs,
    };
    if (this.#actors.size < ACTORS_MAX) this.#actors.set(id, actor);
    return actor;
  }
}
