/** An AccessControl for tests: the users are named by a header, their rights are a list. */
import type { AccessControl } from '../auth/access-control.ts';
import type { Attributes } from '../auth/attributes.ts';
import { ANONYMOUS, AUTHENTICATED_GROUP, MASTERS_GROUP } from '../auth/user.ts';
import { StatusError } from '../status.ts';

/** The header that says who a test's request is from. */
export const USER_HEADER = 'x-test-user';

/** `verb group/resource[/subresource] namespace name`, `verb path`; `*` for any word. */
export type Right = string;

/** Everybody has the rights that stand under their name; `root` is a master; `broken` has no good credentials. */
export function testAccess(
  rights: Readonly<Record<string, readonly Right[]>>,
  asked: string[] = [],
): AccessControl {
  return {
    authenticate: (request) => {
      const name = request.headers[USER_HEADER];
      if (typeof name !== 'string') return Promise.resolve(ANONYMOUS);
      if (name === 'broken') return Promise.reject(new StatusError('Unauthorized', 'Unauthorized'));
      const groups = [...(name === 'root' ? [MASTERS_GROUP] : []), AUTHENTICATED_GROUP];
      return Promise.resolve({ name, uid: '', groups, extra: new Map() });
    },
    authorize: (user, attributes) => {
      if (user.groups.includes(MASTERS_GROUP)) return Promise.resolve({ allowed: true, reason: '' });
      const words = wordsOf(attributes);
      asked.push(`${user.name}: ${words.join(' ')}`);
      const allowed = (rights[user.name] ?? []).some((right) => {
        const granted = right.split(' ');
        return words.every((word, index) => granted[index] === '*' || granted[index] === word);
      });
      return Promise.resolve({ allowed, reason: '' });
    },
  };
}

/** '-' stands for an empty namespace or name: all, as a SubjectAccessReview has it. */
function wordsOf(attributes: Attributes): string[] {
  if (!('resource' in attributes)) return [attributes.verb, attributes.path];
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const what = [group, resource, ...(subresource === '' ? [] : [subresource])].join('/');
  return [verb, what, namespace || '-', name || '-'];
}
