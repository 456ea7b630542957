/** What became of one source's lines and events. Counts go down only when a late write changes what others came to. */
import type { Drop, Rejection } from '../model/source-status.ts';

export class Tally {
  events = 0;
  versions = 0;
  readonly #dropped = new Map<Drop | Rejection, number>();

  /** Counts what one event or line came to. */
  count(outcome: Drop | Rejection | 'version', times = 1): void {
    if (outcome === 'version') this.versions += times;
    else this.#dropped.set(outcome, (this.#dropped.get(outcome) ?? 0) + times);
  }

  /** Takes back one outcome. */
  uncount(outcome: Drop | Rejection | 'version'): void {
    this.count(outcome, -1);
  }

  /** The drops so far, by reason, without those that did not occur. */
  get dropped(): Partial<Record<Drop | Rejection, number>> {
    return Object.fromEntries([...this.#dropped].filter(([, times]) => times > 0));
  }
}
