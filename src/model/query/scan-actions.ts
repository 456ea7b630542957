/**
 * Going through the actions, the newest first.
 *
 * A filter may pass over millions of actions before it finds one: they are gone through in short turns, and other work runs in
 * between. Spans of time include `since` and exclude `until`, so that adjacent spans count nothing twice.
 */
import { setImmediate } from 'node:timers/promises';
import { actionRef, type Action } from '../action.ts';
import { canonicalResource } from '../object-key.ts';
import type { Reader } from '../reader.ts';
import type { Micros } from '../time.ts';
import type { ObjectIdentity } from './answer.ts';
import type { ActionPlace } from './continue-token.ts';
import { splitResource } from './find-object.ts';

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

/** The actions that fit, older than `place`, in batches; stops in the midst of a turn when `wanted` are found. */
export async function* scanActions(
  reader: Reader,
  filter: ActivityFilter,
  place: ActionPlace | undefined,
  wanted: number,
): AsyncGenerator<readonly Action[], void, undefined> {
  const fits = matcher(filter);
  let before = earlier(place, filter.until);
  for (let missing = wanted; ;) {
    const { batch, last, isOver } = oneTurn(reader.actionsBackwards(before), fits, filter.since, missing);
    if (batch.length > 0) yield batch;
    if (isOver) return;
    missing -= batch.length;
    // The next turn begins anew where this one stopped: actions may be recorded in between.
    before = last;
    await setImmediate();
  }
}

interface Turn {
  readonly batch: readonly Action[];
  /** The last action looked at. */
  readonly last: Action | undefined;
  /** All that were wanted are found, or there are no more. */
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
    if (batch.length === wanted) break;
    last = action;
    looked += 1;
    if (looked === TURN_ACTIONS_MAX) return { batch, last, isOver: false };
  }
  return { batch, last, isOver: true };
}

function earlier(place: ActionPlace | undefined, until: Micros | undefined): ActionPlace | undefined {
  if (until === undefined) return place;
  // No action has a smaller ref: this is the place before all actions at `until`.
  if (place === undefined || place.timestamp >= until) return { timestamp: until, ref: actionRef(0) };
  return place;
}

/** Whether there is any action older than a place, back to `since`. */
export function hasOlderAction(reader: Reader, place: ActionPlace, since: Micros | undefined): boolean {
  for (const action of reader.actionsBackwards(place))
    return since === undefined || action.timestamp >= since;
  return false;
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
