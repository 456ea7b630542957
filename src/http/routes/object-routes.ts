/** The questions about one object. */
import { bisect } from '../../model/query/bisect.ts';
import { answerDiff } from '../../model/query/diff.ts';
import { manifestAt } from '../../model/query/manifest.ts';
import { resolveRange, resolveVersion } from '../../model/query/resolve-version.ts';
import { specHistory } from '../../model/query/spec-history.ts';
import { listVersions } from '../../model/query/versions.ts';
import type { ObjectHistory } from '../../model/reader.ts';
import type { Version } from '../../model/version.ts';
import { badParameters, badValue, fieldValuePairs } from '../parameters.ts';
import { bisectText } from '../text/bisect-text.ts';
import { diffText } from '../text/diff-text.ts';
import { manifestText } from '../text/manifest-text.ts';
import { specHistoryText } from '../text/spec-history-text.ts';
import { versionsText } from '../text/versions-text.ts';
import { OBJECT_PARAMETERS, objectPaths, objectSubject, requestedHistory } from './object-request.ts';
import { defineRoute, type RouteDefinition, type RouteRequest } from './route.ts';

/** What is the same for all of them. */
function objectRoute(question: string): Pick<RouteDefinition<never>, 'paths' | 'needsSource' | 'subject'> {
  return { paths: objectPaths(question), needsSource: true, subject: objectSubject };
}

/** Every version: who, when, how, and which paths changed. */
export const versionsRoute = defineRoute({
  ...objectRoute('versions'),
  parameters: { names: OBJECT_PARAMETERS },
  answer: (request) => listVersions(requestedHistory(request)),
  text: versionsText,
});

/** The spec at every version. */
export const specHistoryRoute = defineRoute({
  ...objectRoute('spechistory'),
  parameters: { names: ['start', 'end', ...OBJECT_PARAMETERS] },
  answer: (request) => {
    const history = requestedHistory(request);
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
  answer: (request) => {
    const { parameters, now } = request;
    const history = requestedHistory(request);
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
  answer: (request) => {
    const pairs = fieldValuePairs(request.parameters);
    return bisect(requestedHistory(request), pairs);
  },
  text: bisectText,
});

/** The object as it was, fit for `kubectl apply`. */
export const manifestRoute = defineRoute({
  ...objectRoute('manifest'),
  parameters: { names: ['version', 'at', ...OBJECT_PARAMETERS] },
  answer: (request) => {
    const { parameters, now } = request;
    if (parameters.has('version') && parameters.has('at')) {
      const message = 'version and at both say which version: give one of them';
      throw badParameters([{ reason: 'FieldValueInvalid', message, field: 'at' }]);
    }
    const history = requestedHistory(request);
    const name = parameters.has('at') ? 'at' : 'version';
    return manifestAt(history, resolveVersion(history, parameters.get(name) ?? 'latest', now, name));
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

function patchOfField(): Error {
  return badValue(
    'output',
    'the field has no patch of its own between these versions: leave field out, or ask for output=json',
  );
}
