/**
 * What a list may show to somebody: the objects that they may `get`.
 *
 * Asked from the widest right to the narrowest, so that few reviews settle many objects: all resources; the resource in
 * all namespaces; the resource in the namespace; the object by its name. In a SubjectAccessReview an empty name and an
 * empty namespace mean all, and so does the resource `*` (k8s.io/api/authorization/v1, ResourceAttributes).
 *
 * Invariants: one answer asks at most NAMELESS_MAX + NAMES_MAX reviews, the objects that come first before those that come
 * later; what they do not reach is `unchecked`. No question is asked twice, and none for an answer that nobody waits for.
 *
 * An object in our own group is one that somebody asked us about: its name is another object's, whose group is not told.
 * Every reader may read all of our group, so it takes the right to read everything.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import { keyString, type ObjectKey } from '../../model/object-key.ts';
import type { Sight, Visibility } from '../../model/query/visibility.ts';
import { GROUP } from '../api-group.ts';
import { readAttributes, type ResourceAttributes } from './attributes.ts';

/** Objects that are asked about by name, for one answer. */
export const NAMES_MAX = 100;
/** Resources and namespaces that are asked about, for one answer. */
export const NAMELESS_MAX = 1000;
/** Reviews for lists that are under way at once: they must not crowd out whoever else asks the API server. */
const AT_ONCE_MAX = 16;
/** Of one list, so that a long one does not hold up the others: they take turns. */
const AT_ONCE_EACH_MAX = 4;

/** How the reviews of one answer are asked. */
export interface ReviewOptions {
  /** Shared by all answers of an app. */
  readonly limit: LimitFunction;
  /** Aborts when nobody waits for the answer any more; what has not been asked by then is not. */
  readonly signal?: AbortSignal | undefined;
}

type IsAllowed = (attributes: ResourceAttributes) => Promise<boolean>;

/** The limit for all lists of an app. */
export function listReviewLimit(): LimitFunction {
  return pLimit(AT_ONCE_MAX);
}

/** The sight of somebody about whom `isAllowed` tells. Looking rejects with the signal's reason where that is aborted. */
export function visibilityOf(isAllowed: IsAllowed, { limit, signal }: ReviewOptions): Visibility {
  const own = pLimit(AT_ONCE_EACH_MAX);
  const review: IsAllowed = (attributes) =>
    own(() =>
      limit(() => {
        signal?.throwIfAborted();
        return isAllowed(attributes);
      }),
    );
  const nameless = questions(review, NAMELESS_MAX);
  const names = questions(review, NAMES_MAX);

  async function scopeSight({ group, resource, namespace }: ObjectKey): Promise<Sight> {
    const all = readAttributes({ group, resource, namespace: '', name: '' });
    const everything = { ...all, group: '*', resource: '*' };
    const widening = group === GROUP ? [everything] : [everything, all];
    if (namespace !== '') widening.push({ ...(group === GROUP ? everything : all), namespace });
    for (const attributes of widening) {
      const answer = nameless(attributes);
      if (answer === undefined) return 'unchecked';
      if (await answer) return 'visible';
    }
    return 'hidden';
  }

  async function nameSight(object: ObjectKey): Promise<Sight> {
    if (object.group === GROUP) return 'hidden';
    const answer = names(readAttributes(object));
    if (answer === undefined) return 'unchecked';
    return (await answer) ? 'visible' : 'hidden';
  }

  return {
    async look(objects) {
      const distinct = [...new Map([...objects].map((object) => [keyString(object), object])).entries()];
      const scopes = await Promise.all(distinct.map(([, object]) => scopeSight(object)));
      const sights = await Promise.all(
        distinct.map(async ([id, object], index): Promise<[string, Sight]> => {
          const sight = scopes[index] ?? 'unchecked';
          return [id, sight === 'hidden' && object.name !== '' ? await nameSight(object) : sight];
        }),
      );
      const known = new Map(sights);
      return (object) => known.get(keyString(object)) ?? 'unchecked';
    },
  };
}

/** Asks each question once, and no more than `max` of them: undefined for one too many. */
function questions(
  isAllowed: IsAllowed,
  max: number,
): (attributes: ResourceAttributes) => Promise<boolean> | undefined {
  const asked = new Map<string, Promise<boolean>>();
  return (attributes) => {
    const { group, resource, namespace, name } = attributes;
    const id = JSON.stringify([group, resource, namespace, name]);
    const known = asked.get(id);
    if (known !== undefined || asked.size === max) return known;
    const answer = isAllowed(attributes);
    asked.set(id, answer);
    return answer;
  };
}
