/** A Reader over plain arrays, slow and plain: what queries are tested on. */
import type { Action } from '../model/action.ts';
import { keyString } from '../model/object-key.ts';
import type { ObjectHistory, Reader } from '../model/reader.ts';

/** A reader of these histories and actions; `actions` may be in any order, and grow while the reader is used. */
export function arrayReader(histories: readonly ObjectHistory[], actions: readonly Action[] = []): Reader {
  const newestFirst = () => actions.toSorted((a, b) => b.timestamp - a.timestamp || b.ref - a.ref);
  return {
    resourcesNamed: (plural) => {
      const groups = histories.filter(({ key }) => key.resource === plural).map(({ key }) => key.group);
      return [...new Set(groups)].sort().map((group) => ({ group, resource: plural }));
    },
    resources: () => {
      const byPlural = Map.groupBy(histories, ({ key }) => key.resource);
      return [...byPlural].map(([resource, all]) => ({
        resource,
        namespaced: all.some(({ key }) => key.namespace !== ''),
      }));
    },
    history: (key) => histories.find((history) => keyString(history.key) === keyString(key)),
    histories: ({ group, resource, namespace, name }) =>
      histories.filter(
        ({ key }) =>
          (group === undefined || key.group === group) &&
          (resource === undefined || key.resource === resource) &&
          (namespace === undefined || key.namespace === namespace) &&
          (name === undefined || key.name === name),
      ),
    actionsBackwards: (before) =>
      newestFirst().filter(
        ({ timestamp, ref }) =>
          before === undefined ||
          timestamp < before.timestamp ||
          (timestamp === before.timestamp && ref < before.ref),
      ),
    sources: () => [],
  };
}
