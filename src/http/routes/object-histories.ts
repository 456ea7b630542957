/**
 * `objecthistories`: the objects that are known, as a resource that `kubectl get` lists.
 *
 * A history is in the namespace of its object; those of cluster-scoped objects stand in the list over all namespaces.
 */
import { historyOf } from '../../model/query/find-object.ts';
import { listObjectHistories } from '../../model/query/object-histories.ts';
import {
  objectHistoryItem,
  parseObjectHistoryName,
  type ObjectHistoryItem,
} from '../../model/query/object-history-item.ts';
import { GROUP } from '../api-group.ts';
import { quote, StatusError } from '../status.ts';
import { objectHistoriesTable } from '../tables.ts';
import { objectHistoriesText, objectHistoryText } from '../text/object-histories-text.ts';
import { listAccess, LIST_OPTIONS, listOptions } from './list-options.ts';
import { defineRoute, type RouteRequest } from './route.ts';

const PLURAL = 'objecthistories';

/** The objects that the asker may read, page by page. */
export const objectHistoriesRoute = defineRoute({
  paths: [`/namespaces/:namespace/${PLURAL}`, `/${PLURAL}`],
  parameters: { names: ['resource', 'user', ...LIST_OPTIONS] },
  needsSource: true,
  subject: () => ({ group: GROUP, kind: PLURAL }),
  access: listAccess(PLURAL),
  answer: ({ reader, path, parameters, asker, signal }) => {
    const { namespace, ...options } = listOptions(parameters);
    if (path.namespace !== undefined && namespace !== undefined && namespace !== path.namespace) {
      throw new StatusError(
        'BadRequest',
        'fieldSelector and the path name different namespaces: give one of them',
      );
    }
    const query = {
      ...options,
      namespace: path.namespace ?? namespace,
      resource: parameters.get('resource'),
      user: parameters.get('user'),
    };
    return listObjectHistories(reader, query, { visibility: asker.visibility, signal });
  },
  text: objectHistoriesText,
  table: ({ items, metadata }) => objectHistoriesTable(items, metadata.continue),
  metadataAs: 'PartialObjectMetadataList',
});

/** One object, by the name of its history. */
export const objectHistoryRoute = defineRoute({
  paths: [`/namespaces/:namespace/${PLURAL}/:name`, `/${PLURAL}/:name`],
  parameters: { names: [] },
  needsSource: true,
  subject: ({ name = '' }) => ({ group: GROUP, kind: PLURAL, name }),
  access: ({ namespace = '', name = '' }) => ({
    verb: 'get',
    resource: PLURAL,
    subresource: '',
    namespace,
    name,
  }),
  answer: requestedItem,
  text: objectHistoryText,
  table: (item) => objectHistoriesTable([item]),
  metadataAs: 'PartialObjectMetadata',
});

/**
 * What is known of the object that a request names.
 * @throws StatusError NotFound for what can be no name; Forbidden where the asker may not read the object, whether or not it
 * is there; QueryError OBJECT_NOT_FOUND
 */
async function requestedItem({ reader, path, asker }: RouteRequest): Promise<ObjectHistoryItem> {
  const { namespace = '', name = '' } = path;
  const key = parseObjectHistoryName(name, namespace);
  if (key === undefined) {
    throw new StatusError(
      'NotFound',
      `${PLURAL} ${quote(name)} not found: the names here are RESOURCE[.GROUP]:NAME, as in deployments.apps:web; ` +
        `cluster-scoped objects, Namespaces too, are at /${PLURAL}/NAME, in no namespace`,
    );
  }
  await asker.readable([key], true);
  return objectHistoryItem(historyOf(reader, key));
}
