/** `sources`: where each source stands, and what became of what it brought. */
import { listSources } from '../../model/query/sources.ts';
import { GROUP } from '../api-group.ts';
import { sourcesText } from '../text/sources-text.ts';
import { defineRoute } from './route.ts';

/** It answers without a source too: that there is none is the answer. */
export const sourcesRoute = defineRoute({
  paths: ['/sources'],
  parameters: { names: [] },
  needsSource: false,
  subject: () => ({ group: GROUP, kind: 'sources' }),
  answer: ({ reader }) => listSources(reader),
  text: sourcesText,
});
