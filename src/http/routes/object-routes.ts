/** The questions about one object. */
import { bisect } from '../../model/query/bisect.ts';
import { answerDiff } from '../../model/query/diff.ts';
import { manifestAt } from '../../model/query/manifest.ts';
import { resolveRange, resolveVersion } from '../../model/query/resolve-version.ts';
import { specHistory } from '../../model/query/spec-history.ts';
import { listVersions } from '../../model/query/versions.ts';
import { formatResource } from '../../model/object-key.ts';
import type { ObjectHistory } from '../../model/reader.ts';
import type { Version } from '../../model/version.ts';
import { badParameters, badValue, fieldValuePairs } from '../parameters.ts';
import { StatusError } from '../status.ts';
import { bisectText } from '../text/bisect-text.ts';
import { diffText } from '../text/diff-text.ts';
import { manifestText } from '../text/manifest-text.ts';
import { specHistoryText } from '../text/spec-history-text.ts';
import { versionsText } from '../text/versions-text.ts';
import {
  OBJECT_PARAMETERS,
  objectAccess,
  objectPaths,
  objectSubject,
  requestedHistory,
} from './object-request.ts';
import { defineRoute, type RouteDefinition, type RouteRequest } from './route.ts';

/** What is the same for all of them. */
function objectRoute(
  question: string,
): Pick<RouteDefinition<never>, 'paths' | 'needsSource' | 'subject' | 'access'> {
  return {
    paths: objectPaths(question),
    needsSource: true,
    subject: objectSubject,
    access: objectAccess(question),
  };
}

/** Every version: who, when, how, and which paths changed. */
export const versionsRoute = defineRoute({
  ...objectRoute('versions'),
  parameters: { names: OBJECT_PARAMETERS },
  answer: async (request) => listVersions(await requestedHistory(request)),
  text: versionsText,
});

/** The spec at every version. */
export const specHistoryRoute = defineRoute({
  ...objectRoute('spechistory'),
  parameters: { names: ['start', 'end', ...OBJECT_PARAMETERS] },
  answer: async (request) => {
    const history = await requestedHistory(request);
    return specHistory(history, {
      start: versionParameter(history, request, 'start'),
      end: versionParameter(history, request, 'end'),
    });
  },
  text: specHistoryText,
});

/** What differs between two versions. */
export const diffRoute = defineRoute({
  ...objectRoute('diff'),
  parameters: { names: ['start', 'end', 'field', ...OBJECT_PARAMETERS] },
  answer: async (request) => {
    const { parameters, now } = request;
    const history = await requestedHistory(request);
    const range = { start: parameters.get('start'), end: parameters.get('end') };
    return answerDiff(history, resolveRange(history, range, now), parameters.get('field'));
  },
  text: diffText,
  patch: ({ patch }) => {
    if (patch === undefined) throw patchOfField();
    return patch;
  },
});

/** When fields had given values. */
export const bisectRoute = defineRoute({
  ...objectRoute('bisect'),
  parameters: { names: OBJECT_PARAMETERS, pairs: true },
  answer: async (request) => {
    const pairs = fieldValuePairs(request.parameters);
    const history = await requestedHistory(request);
    if (request.isRedacted(history.key)) throw valuesNotKept(history);
    return bisect(history, pairs);
  },
  text: bisectText,
});

/** The object as it was, fit for `kubectl replace`. */
export const manifestRoute = defineRoute({
  ...objectRoute('manifest'),
  parameters: { names: ['version', 'at', ...OBJECT_PARAMETERS] },
  answer: async (request) => {
    const { parameters, now } = request;
    if (parameters.has('version') && parameters.has('at')) {
      const message = 'version and at both say which version: give one of them';
      throw badParameters([{ reason: 'FieldValueInvalid', message, field: 'at' }]);
    }
    const history = await requestedHistory(request);
    const name = parameters.has('at') ? 'at' : 'version';
    const version = resolveVersion(history, parameters.get(name) ?? 'latest', now, name);
    return manifestAt(history, version);
  },
  text: manifestText,
  remarkPrefix: '# ',
  yaml: manifestText,
  body: ({ manifest }) => manifest,
  warnings: ({ warning }) => (warning === undefined ? [] : [warning]),
});

function versionParameter(history: ObjectHistory, request: RouteRequest, name: string): Version | undefined {
  const text = request.parameters.get(name);
  return text === undefined ? undefined : resolveVersion(history, text, request.now, name);
}

/** A bisect would tell whoever guesses a value that they have guessed it. */
function valuesNotKept({ key }: ObjectHistory): Error {
  return new StatusError(
    'Forbidden',
    `the values of ${formatResource(key)} are not kept, and cannot be searched for: ask for diff or versions to see when they changed`,
  );
}

function patchOfField(): Error {
  return badValue(
    'output',
    'the field has no patch of its own between these versions: leave field out, or ask for output=json',
  );
}
