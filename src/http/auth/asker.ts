/**
 * What one asker may do, for the length of one request.
 *
 * Invariant: nothing of an object is looked up before its asker is known to be allowed to `get` the object itself, so no
 * answer and no refusal tells whether an object that they may not read exists.
 */
import type { ObjectKey } from '../../model/object-key.ts';
import { ALL_VISIBLE, type Visibility } from '../../model/query/visibility.ts';
import { StatusError } from '../status.ts';
import type { Authorize, Decision } from './access-control.ts';
import { readAttributes, type Attributes } from './attributes.ts';
import { forbiddenMessage } from './forbidden.ts';
import { MASTERS_GROUP, type User } from './user.ts';
import { listReviewLimit, visibilityOf, type ReviewOptions } from './reviewed-visibility.ts';

/** A user and the word of the authorizer about them. */
export class Asker {
  readonly user: User;
  readonly #authorize: Authorize;
  readonly #reviews: ReviewOptions;
  #visibility: Visibility | undefined;

  constructor(user: User, authorize: Authorize, reviews: ReviewOptions = { limit: listReviewLimit() }) {
    this.user = user;
    this.#authorize = authorize;
    this.#reviews = reviews;
  }

  /** Whether the user may do everything. */
  get isMaster(): boolean {
    return this.user.groups.includes(MASTERS_GROUP);
  }

  /** What the user may see in lists. */
  get visibility(): Visibility {
    this.#visibility ??= this.isMaster
      ? ALL_VISIBLE
      : visibilityOf(async (attributes) => (await this.decide(attributes)).allowed, this.#reviews);
    return this.#visibility;
  }

  /** The authorizer's word. @throws StatusError InternalError */
  async decide(attributes: Attributes): Promise<Decision> {
    return this.#authorize(this.user, attributes);
  }

  /** @throws StatusError Forbidden where the user may not; InternalError where that cannot be found out */
  async demand(attributes: Attributes): Promise<void> {
    const { allowed, reason } = await this.decide(attributes);
    if (!allowed) throw new StatusError('Forbidden', forbiddenMessage(this.user, attributes, reason));
  }

  /**
   * Those of some objects that the user may read: of the objects that a name can mean, when its group is not given.
   * @throws StatusError Forbidden where they may read none. It names the group only if the asker did: which groups there
   * are is not theirs to know.
   */
  async readable(keys: readonly ObjectKey[], groupIsAsked: boolean): Promise<readonly ObjectKey[]> {
    const decisions = await Promise.all(keys.map((key) => this.decide(readAttributes(key))));
    const readable = keys.filter((_, index) => decisions[index]?.allowed === true);
    const [first] = keys;
    if (readable.length > 0 || first === undefined) return readable;
    const asked = readAttributes(groupIsAsked ? first : { ...first, group: '' });
    throw new StatusError('Forbidden', forbiddenMessage(this.user, asked, '', groupIsAsked));
  }
}
