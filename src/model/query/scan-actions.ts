/**
 * Going through the actions, the newest first.
 *
 * A filter may pass over millions of actions before it finds one: they are gone through in short turns, and other work runs in
 * between. Spans of time include `since` and exclude `until`, so that adjacent spans count nothing twice.
 * What the asker may not see is passed over; what could not be found out is marked.
 */
import { setImmediate } from 'node:timers/promises';
import { actionRef, type Action } from '../action.ts';
import { canonicalResource } from '../object-key.ts';
import type { Reader } from '../reader.ts';
import type { Micros } from '../time.ts';
import type { ObjectIdentity } from './answer.ts';
import type { ActionPlace } from './continue-token.ts';
import { splitResource } from './find-object.ts';
import { ALL_VISIBLE, type Sight, type Visibility } from './visibility.ts';

/** What the actions must have in common; what is undefined does not matter. */
export interface ActivityFilter {
  /** The effective or the authenticated user. */
  readonly user?: string | undefined;
  readonly verb?: string | undefined;
  /** `pods`, `deployments.apps`, and with a subresource `pods/exec`. */
  readonly resource?: string | undefined;
  readonly name?: string | undefined;
  /** '' means cluster-scoped objects. */
  readonly namespace?: string | undefined;
  /** Included. */
  readonly since?: Micros | undefined;
  /** Excluded. */
  readonly until?: Micros | undefined;
}

/** How many actions are looked at in one turn of the event loop: some milliseconds. */
const TURN_ACTIONS_MAX = 20_000;

/** An action that fits, and is not hidden from the asker. */
export interface SeenAction {
  readonly action: Action;
  readonly sight: Exclude<Sight, 'hidden'>;
}

/** On whose behalf actions are gone through, and until when. */
export interface ScanOptions {
  readonly visibility?: Visibility | undefined;
  /** Gives up; the reason is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** The actions that fit, older than `place`, in batches, until `wanted` are found. */
export async function* scanActions(
  reader: Reader,
  filter: ActivityFilter,
  place: ActionPlace | undefined,
  wanted: number,
  { visibility = ALL_VISIBLE, signal }: ScanOptions = {},
): AsyncGenerator<readonly SeenAction[], void, undefined> {
  const fits = matcher(filter);
  let before = earlier(place, filter.until);
  for (let missing = wanted; missing > 0;) {
    const { batch, last, isOver } = oneTurn(reader.actionsBackwards(before), fits, filter.since, missing);
    const sightOf = await visibility.look(batch.map(({ object }) => object));
    const seen = batch.flatMap((action): SeenAction[] => {
      const sight = sightOf(action.object);
      return sight === 'hidden' ? [] : [{ action, sight }];
    });
    if (seen.length > 0) yield seen;
    if (isOver) return;
    missing -= seen.length;
    // The next turn begins anew where this one stopped: actions may be recorded in between.
    before = last;
    await setImmediate();
    signal?.throwIfAborted();
  }
}

interface Turn {
  readonly batch: readonly Action[];
  /** The last action looked at. */
  readonly last: Action | undefined;
  /** There are no more. */
  readonly isOver: boolean;
}

function oneTurn(
  actions: Iterable<Action>,
  fits: (action: Action) => boolean,
  since: Micros | undefined,
  wanted: number,
): Turn {
  const batch: Action[] = [];
  let last: Action | undefined;
  let looked = 0;
  for (const action of actions) {
    if (since !== undefined && action.timestamp < since) break;
    if (fits(action)) batch.push(action);
    last = action;
    looked += 1;
    if (batch.length === wanted || looked === TURN_ACTIONS_MAX) return { batch, last, isOver: false };
  }
  return { batch, last, isOver: true };
}

function earlier(place: ActionPlace | undefined, until: Micros | undefined): ActionPlace | undefined {
  if (until === undefined) return place;
  // No action has a smaller ref: this is the place before all actions at `until`.
  if (place === undefined || place.timestamp >= until) return { timestamp: until, ref: actionRef(0) };
  return place;
}

function matcher(filter: ActivityFilter): (action: Action) => boolean {
  const { user, verb, name, namespace } = filter;
  const isWanted = filter.resource === undefined ? undefined : resourceMatcher(filter.resource);
  return ({ actor, verb: done, object, subresource }) =>
    (user === undefined || actor.user === user || actor.impersonatedBy === user) &&
    (verb === undefined || done === verb) &&
    (name === undefined || object.name === name) &&
    (namespace === undefined || object.namespace === namespace) &&
    (isWanted === undefined || isWanted(object, subresource));
}

function resourceMatcher(text: string): (object: ObjectIdentity, subresource: string) => boolean {
  const slash = text.indexOf('/');
  const [resource, wantedSub] = slash === -1 ? [text] : [text.slice(0, slash), text.slice(slash + 1)];
  const { plural, group } = splitResource({ resource });
  const wantedGroup = group === undefined ? undefined : canonicalResource({ group, resource: plural }).group;
  return (object, subresource) =>
    object.resource === plural &&
    (wantedGroup === undefined || object.group === wantedGroup) &&
    (wantedSub === undefined || subresource === wantedSub);
}
