/** How objects, people and API versions read in text. */
import { formatResource } from '../../model/object-key.ts';
import type { ObjectIdentity, Who } from '../../model/query/answer.ts';
import { printable } from './printable.ts';

/** `deployments.apps payments/api`; a cluster-scoped object, or a collection, has one part less. */
export function objectText(object: ObjectIdentity): string {
  const place = [object.namespace, object.name].filter((part) => part !== '').join('/');
  return printable(place === '' ? formatResource(object) : `${formatResource(object)} ${place}`);
}

/** `alice`, or `system:serviceaccount:ci:bot (as alice)`: who was authenticated, and whom the request was sent as. */
export function whoText({ user, impersonatedBy }: Who): string {
  return printable(impersonatedBy === undefined ? user : `${impersonatedBy} (as ${user})`);
}

/** `1 version`, `2 versions`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
