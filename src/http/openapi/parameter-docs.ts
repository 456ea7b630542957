/**
 * What each parameter means, for the OpenAPI documents. Which route takes which stands in the table of routes; a test
 * holds that none of them is missing here.
 */
import { ACTIVITY_GROUPS } from '../../model/query/activity-counts.ts';

/** A parameter of a path or a query string. */
export interface ParameterDoc {
  readonly description: string;
  readonly type: 'string' | 'integer' | 'boolean';
  /** The only values it can have; undefined where there are many. */
  readonly values?: readonly string[];
}

function text(description: string): ParameterDoc {
  return { description, type: 'string' };
}

const VERSION_WORDS = 'v3, 3, first, latest, or a time (the newest version at or before it)';
const TIME_WORDS = 'RFC 3339, now, or before now as in -2h and now-7d';

/** The parts of a path. */
export const PATH_PARAMETERS: ReadonlyMap<string, ParameterDoc> = new Map([
  ['namespace', text('The namespace of the objects.')],
  ['resource', text('The plural of the resource, or the plural and the group as in deployments.apps.')],
  ['name', text('The name of the object; RESOURCE[.GROUP]:NAME of an object history.')],
]);

/** The parameters of a query string. */
export const QUERY_PARAMETERS: ReadonlyMap<string, ParameterDoc> = new Map<string, ParameterDoc>([
  ['allowWatchBookmarks', { description: 'Of no effect: there is no watch.', type: 'boolean' }],
  ['at', text(`The time whose version is meant: ${TIME_WORDS}.`)],
  ['continue', text('metadata.continue of the page before; the other parameters must be the same.')],
  ['end', text(`The last version: ${VERSION_WORDS}. The latest by default.`)],
  [
    'field',
    text('A path such as spec.template.spec.containers[name=web].image, or the bare name of an attribute.'),
  ],
  ['fieldSelector', text('metadata.name=NAME, metadata.namespace=NAMESPACE, or both with a comma between.')],
  ['group', text('The API group of the resource where several have its plural; core is the core group.')],
  ['groupBy', { description: 'Count the actions by this.', type: 'string', values: ACTIVITY_GROUPS }],
  [
    'includeObject',
    {
      description: 'What of its object each row of a table holds.',
      type: 'string',
      values: ['None', 'Metadata', 'Object'],
    },
  ],
  ['labelSelector', text('Nothing here has labels: only an empty one is taken.')],
  ['limit', { description: 'How many items a page holds at most.', type: 'integer' }],
  ['name', text('Only what has this name.')],
  ['output', text('The form of the answer, in place of an Accept header.')],
  ['pretty', { description: 'Whether JSON is indented.', type: 'boolean' }],
  [
    'resource',
    text('Only what is of this resource: its plural, or the plural and the group as in deployments.apps.'),
  ],
  ['resourceVersion', text('Lists are of now: only 0 and an empty one are taken.')],
  ['resourceVersionMatch', text('Of no effect: lists are of now.')],
  ['sendInitialEvents', { description: 'Of no effect: there is no watch.', type: 'boolean' }],
  ['since', text(`Only what was at or after this time: ${TIME_WORDS}.`)],
  ['start', text(`The first version: ${VERSION_WORDS}.`)],
  ['timeoutSeconds', { description: 'How long the client waits, as client-go sends it.', type: 'integer' }],
  ['timeout', text('How long the client waits, as kubectl sends it.')],
  ['until', text(`Only what was before this time: ${TIME_WORDS}.`)],
  ['user', text('Only what this user did.')],
  [
    'value',
    text('The value that the field must have. A field2 and value2 and more must hold together with it.'),
  ],
  ['verb', text('Only what was done by this verb.')],
  ['watch', { description: 'There is no watch: only false is taken.', type: 'boolean' }],
  ['version', text(`Which version: ${VERSION_WORDS}. The latest by default.`)],
]);
