/**
 * Whether several fields hold their values jointly: in the same entry, wherever they are members of one list.
 *
 * Given the places where each of n fields has its value, the question is for one place per field such that no two of them pass
 * through different entries of the same list (users[0].username and users[1].password do; replicas and an image do
 * not). The places form a tree, and for each node the sets of fields that can be had together below it follow from its
 * children: a list must settle for one entry, an object can have all its members. So the cost is that of the tree times a
 * constant that depends on n alone, where trying all combinations would be exponential in n.
 */
import type { Location } from './select.ts';

/** How many fields may be asked for at once: sets of them are bits. */
export const JOINT_FIELDS_MAX = 8;

/** A set of fields: bit i is field i. */
type FieldSet = number;

interface Node {
  /** Fields that have their value right here. */
  here: FieldSet;
  readonly children: Map<string | number, Node>;
}

/** Whether there is one place for every field such that they are joint. `places[i]` are those of field i. */
export function holdJointly(places: readonly (readonly Location[])[]): boolean {
  if (places.some((locations) => locations.length === 0)) return false;
  if (places.length === 1) return true;
  const root: Node = { here: 0, children: new Map() };
  places.forEach((locations, field) => {
    for (const location of locations) insert(root, location).here |= 1 << field;
  });
  const all = (1 << places.length) - 1;
  return together(root).includes(all);
}

function insert(root: Node, location: Location): Node {
  let node = root;
  for (const key of location) {
    const known = node.children.get(key);
    const child: Node = known ?? { here: 0, children: new Map() };
    if (known === undefined) node.children.set(key, child);
    node = child;
  }
  return node;
}

/** The largest sets of fields that can be had together at or below a node. */
function together(node: Node): readonly FieldSet[] {
  let sets: readonly FieldSet[] = [0];
  for (const [key, child] of node.children) {
    const below = together(child);
    // Positions are the keys of lists only: all children of a node are of one kind.
    sets = largest(
      typeof key === 'number'
        ? [...sets, ...below]
        : sets.flatMap((set) => below.map((other) => set | other)),
    );
  }
  return largest(sets.map((set) => set | node.here));
}

/** The sets that no other one includes. */
function largest(sets: readonly FieldSet[]): readonly FieldSet[] {
  const unique = [...new Set(sets)];
  return unique.filter((set) => !unique.some((other) => other !== set && (set & other) === set));
}
