/** `sources`: where each source stands, and what became of what it brought. */
import { listSources } from '../../model/query/sources.ts';
import { GROUP } from '../api-group.ts';
import { sourcesTable } from '../tables.ts';
import { sourcesText } from '../text/sources-text.ts';
import { IGNORED_PAGING, ignoreLimit } from './list-options.ts';
import { defineRoute } from './route.ts';

/** It answers without a source too: that there is none is the answer. */
export const sourcesRoute = defineRoute({
  paths: ['/sources'],
  parameters: { names: IGNORED_PAGING },
  needsSource: false,
  subject: () => ({ group: GROUP, kind: 'sources' }),
  access: () => ({ verb: 'list', resource: 'sources', subresource: '', namespace: '', name: '' }),
  answer: ({ reader, parameters }) => {
    ignoreLimit(parameters);
    return listSources(reader);
  },
  text: sourcesText,
  table: sourcesTable,
});
