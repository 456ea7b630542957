/** Which objects the asker of a question about many objects may know of. */
import type { ObjectKey } from '../object-key.ts';

/** `unchecked`: finding out would have taken more than one answer may ask; it is not to be shown, and that is to be said. */
export type Sight = 'visible' | 'hidden' | 'unchecked';

/** The sight of one asker, for the length of one answer. */
export interface Visibility {
  /**
   * What the asker may see of some objects; the function returned knows exactly these, by their key. A name of '' means
   * a request on a whole collection.
   */
  readonly look: (objects: Iterable<ObjectKey>) => Promise<(object: ObjectKey) => Sight>;
}

/** Of somebody who may see everything. */
export const ALL_VISIBLE: Visibility = { look: () => Promise.resolve(() => 'visible') };
