/** Every route with every way to ask it wrongly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringMember } from '../model/json.ts';
import { QueryError, type QueryErrorCode } from '../model/errors.ts';
import { checkAsyncProperty } from '../testing/property.ts';
import { statusOf } from './errors.ts';
import { assertStatus, causeFields } from './testing/assert-status.ts';
import { fixtureReader } from './testing/fixture.ts';
import { serve, type Ask } from './testing/serve.ts';

const API = '/apis/kubeprovenance.cloudark.io/v1';
const QUESTIONS = ['versions', 'spechistory', 'diff', 'bisect', 'manifest'] as const;
/** What a question cannot do without. */
const NEEDED: Readonly<Record<string, string>> = { bisect: 'field=image&value=x' };

interface Wrong {
  readonly what: string;
  readonly code: number;
  /** The path below the API, and a query beside what the question needs. */
  readonly path: (question: string) => string;
  readonly query?: string;
  readonly ask?: Ask;
  readonly message: RegExp;
  readonly fields?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
}

const API_OBJECT = (question: string): string => `/namespaces/payments/deployments/api/${question}`;

const WRONG: readonly Wrong[] = [
  {
    what: 'an unknown object',
    code: 404,
    path: (question) => `/namespaces/payments/deployments/web/${question}`,
    message: /no version of deployments\.apps "web" in namespace "payments" is recorded: check its name/,
    fields: ['name'],
    details: { group: 'apps', kind: 'deployments', name: 'web' },
  },
  {
    what: 'a namespaced object without its namespace',
    code: 404,
    path: (question) => `/deployments/api/${question}`,
    message: /no version of deployments\.apps "api" is recorded/,
    fields: ['name'],
  },
  {
    what: 'an unknown Namespace object',
    code: 404,
    path: (question) => `/namespaces/nowhere/${question}`,
    message: /no version of namespaces "nowhere" is recorded/,
    fields: ['name'],
    details: { kind: 'namespaces', name: 'nowhere' },
  },
  {
    what: 'a Namespace inside a namespace',
    code: 404,
    path: (question) => `/namespaces/other/namespaces/payments/${question}`,
    message: /a Namespace is in no namespace: leave "namespaces\/other\/" out of the path/,
  },
  {
    what: 'an unknown resource',
    code: 404,
    path: (question) => `/namespaces/payments/gadgets/api/${question}`,
    message: /no object of a resource "gadgets" is recorded: give the plural/,
    fields: ['resource'],
    details: { kind: 'gadgets', name: 'api' },
  },
  {
    what: 'a resource in a group that does not have it',
    code: 404,
    path: (question) => `/namespaces/payments/deployments.example.com/api/${question}`,
    message: /did you mean "deployments\.apps"\?/,
    fields: ['resource'],
    details: { group: 'example.com', kind: 'deployments', name: 'api' },
  },
  {
    what: 'an ambiguous resource',
    code: 400,
    path: (question) => `/namespaces/payments/databases/main/${question}`,
    message:
      /ask for databases\.mysql\.example\.com or databases\.postgres\.example\.com, or give the group by \?group=/,
    fields: ['resource'],
  },
  {
    what: 'two groups that contradict each other',
    code: 400,
    path: (question) => `/namespaces/payments/deployments.apps/api/${question}`,
    query: 'group=core',
    message: /contradict each other/,
    fields: ['group'],
  },
  {
    what: 'an unknown parameter',
    code: 400,
    path: API_OBJECT,
    query: 'verison=v1',
    message: /unknown parameter "verison": here are only .*group, output, pretty, timeout/,
    fields: ['verison'],
  },
  {
    what: 'a repeated parameter',
    code: 400,
    path: API_OBJECT,
    query: 'group=apps&group=core',
    message: /group is given 2 times/,
    fields: ['group'],
  },
  {
    what: 'an unknown output',
    code: 400,
    path: API_OBJECT,
    query: 'output=xml',
    message: /output is "xml": give json, yaml/,
    fields: ['output'],
  },
  {
    what: 'nothing that can be accepted',
    code: 406,
    path: API_OBJECT,
    ask: { headers: { accept: 'application/vnd.kubernetes.protobuf' } },
    message:
      /^only the following media types are accepted: application\/json, application\/yaml, text\/plain/,
  },
  ...(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).map((method): Wrong => ({
    what: method,
    code: 405,
    path: API_OBJECT,
    ask: { method },
    message: new RegExp(`^${method} is not allowed`),
  })),
  {
    what: 'a further segment',
    code: 404,
    path: (question) => `${API_OBJECT(question)}/more`,
    message: /there is nothing at .*\/more": ask for/,
  },
  {
    what: 'a slash at the end',
    code: 404,
    path: (question) => `${API_OBJECT(question)}/`,
    message: /there is nothing at/,
  },
  {
    what: 'a name with a slash in it',
    code: 400,
    path: (question) => `/namespaces/payments/deployments/a%2Fb/${question}`,
    message: /the name "a\/b" in the path contains a slash/,
    fields: ['name'],
  },
  {
    what: 'a name of excessive length',
    code: 400,
    path: (question) => `/namespaces/payments/deployments/${'x'.repeat(762)}/${question}`,
    message: /is longer than 761 characters/,
    fields: ['name'],
  },
  {
    what: 'a path that is no valid encoding',
    code: 404,
    path: (question) => `/namespaces/payments/deployments/%zz/${question}`,
    message: /no version of deployments\.apps "%zz"/,
    fields: ['name'],
  },
];

test('each question about an object, asked wrongly in each way', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const question of QUESTIONS) {
    for (const { what, code, path, query = '', ask: options, message, fields = [], details } of WRONG) {
      const parameters = [NEEDED[question] ?? '', query].filter((part) => part !== '').join('&');
      const answer = await ask(`${API}${path(question)}?${parameters}`, options);
      const status = assertStatus(answer, code);
      assert.match(stringMember(status, 'message') ?? '', message, `${question}: ${what}`);
      assert.deepEqual(causeFields(status), fields, `${question}: ${what}`);
      if (code === 405) assert.equal(answer.headers['allow'], 'GET, HEAD');
      if (details !== undefined) {
        const { causes: _, ...subject } = { causes: undefined, ...Object(status['details']) };
        assert.deepEqual(subject, details, `${question}: ${what}`);
      }
    }
  }
});

const OBJECT = API_OBJECT('');
/** Path and query, the code, the parameter at fault, and the message. */
const WRONG_VALUES: readonly (readonly [path: string, code: number, field: string, message: RegExp])[] = [
  [`${OBJECT}diff?start=v9`, 404, 'start', /start "v9" is unknown: .* has versions v1 to v6/],
  [`${OBJECT}diff?end=newest`, 400, 'end', /end "newest" is no version: give v1, 1, first or latest/],
  [`${OBJECT}diff?start=2020-01-01T00:00:00Z`, 404, 'start', /its history starts at 2026-11-22T08:00:00/],
  [`${OBJECT}diff?end=2026-11-22T10:00:00+01:00`, 400, 'end', /%2B/],
  [`${OBJECT}diff?field=imge`, 404, 'field', /did you mean "image"\?/],
  [`${OBJECT}diff?field=spec[`, 400, 'field', /is not a field path: expected .* at character 6/],
  [`${OBJECT}diff?start=`, 400, 'start', /start is empty/],
  [`${OBJECT}versions?output=patch`, 400, 'output', /there is no output=patch here: give json, yaml or text/],
  [`${OBJECT}versions?start=v1`, 400, 'start', /unknown parameter "start"/],
  [`${OBJECT}spechistory?start=v3&end=v2`, 400, 'start', /start \(v3\) is after end \(v2\)/],
  [`${OBJECT}spechistory?start=v0`, 404, 'start', /start "v0" is unknown/],
  [`${OBJECT}manifest?version=v5`, 404, 'version', /does not exist at v5, a deletion: ask for v4/],
  [`${OBJECT}manifest?version=v1&at=-2h`, 400, 'at', /give one of them/],
  [`${OBJECT}manifest?at=-9w`, 404, 'at', /at is before anything that is known/],
  [
    '/namespaces/payments/widgets/hidden/manifest?version=v1',
    404,
    'version',
    /does not hold the content of v1/,
  ],
  ['/namespaces/payments/widgets/hidden/diff', 404, 'start', /does not hold the content of v1.*ask for v2/],
  [`${OBJECT}bisect?field=image`, 400, 'value', /value is missing: give value=nginx/],
  [`${OBJECT}bisect?field=image&value=x&field2=name`, 400, 'value2', /value2 is missing/],
  [
    `${OBJECT}bisect?field=image&value=x&field2=nme&value2=y`,
    404,
    'field2',
    /field2 "nme" occurs in no version/,
  ],
  ['/activities?limit=0', 400, 'limit', /whole number from 1 to 10000/],
  ['/activities?limit=many', 400, 'limit', /limit is "many"/],
  ['/activities?since=yesterday', 400, 'since', /since "yesterday" is no time/],
  ['/activities?groupBy=colour', 400, 'groupBy', /give user, verb, resource, namespace, day/],
  ['/activities?groupBy=user&limit=3', 400, 'limit', /limit does not go with groupBy/],
  ['/activities?continue=garbage', 410, 'continue', /leave it out to begin anew/],
  ['/namespaces/payments/activities?namespace=x', 400, 'namespace', /unknown parameter "namespace"/],
  ['/rollouts?until=tomorrow', 400, 'until', /until "tomorrow" is no time/],
  ['/rollouts?limit=many', 400, 'limit', /limit is "many": give a whole number/],
  [
    '/rollouts?user=x',
    400,
    'user',
    /here are only since, until, limit, includeObject, output, pretty, timeout/,
  ],
  ['/sources?since=now', 400, 'since', /here are only limit, includeObject, output, pretty, timeout/],
  ['/sources?pretty=maybe', 400, 'pretty', /neither true nor false/],
];

test('each parameter with a wrong value', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const [path, code, field, message] of WRONG_VALUES) {
    const status = assertStatus(await ask(`${API}${path}`), code);
    assert.match(stringMember(status, 'message') ?? '', message, path);
    assert.deepEqual(causeFields(status), [field], path);
  }
});

test('paths that are nothing', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const path of [
    '/favicon.ico',
    '/livez/',
    '/LIVEZ',
    '/apis/',
    '/apis/apps',
    '//',
    `${API}/`,
    `${API}/versions`,
    `${API}/namespaces/payments`,
    `${API}/namespaces/payments/sources`,
    `${API}/namespaces//deployments/api/versions`,
    `${API}/namespaces/payments/deployments/api/Versions`,
    `${API}/namespaces/payments/deployments/api`,
    `${API.replace('v1', 'v2')}/sources`,
  ]) {
    const status = assertStatus(await ask(path), 404);
    assert.match(stringMember(status, 'message') ?? '', /there is nothing at/, path);
  }
});

test('metrics and the root refuse in the same way, and health what is no GET', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  for (const path of ['/metrics', '/']) {
    assertStatus(await ask(`${path}?x=1`), 400);
    assertStatus(await ask(`${path}?output=patch`), 400);
  }
  for (const path of ['/livez', '/readyz', '/healthz', '/metrics', '/']) {
    assertStatus(await ask(path, { method: 'POST' }), 405);
  }
  assertStatus(await ask('/', { headers: { accept: 'image/png' } }), 406);
});

const MODEL_CODES: Readonly<Record<QueryErrorCode, number>> = {
  VERSION_NOT_FOUND: 404,
  VERSION_MALFORMED: 400,
  TIME_MALFORMED: 400,
  TIME_BEFORE_HISTORY: 404,
  FIELD_NOT_FOUND: 404,
  FIELD_MALFORMED: 400,
  CONTENT_UNKNOWN: 404,
  CONTENT_DELETED: 404,
  RESOURCE_NOT_FOUND: 404,
  RESOURCE_AMBIGUOUS: 400,
  OBJECT_NOT_FOUND: 404,
  CONTINUE_EXPIRED: 410,
  ANSWER_TOO_LARGE: 400,
  PARAMETER_INVALID: 400,
};

test('each error of the model has its code, with the parameter as the cause', () => {
  const codes = Object.keys(MODEL_CODES).filter((code): code is QueryErrorCode => code in MODEL_CODES);
  for (const code of codes) {
    const error = new QueryError(code, 'what to do', { parameter: 'field' });
    const status = statusOf(error, { group: '', kind: 'pods', name: 'a' });
    assert.equal(status.code, MODEL_CODES[code], code);
    assert.deepEqual(status.details, {
      kind: 'pods',
      name: 'a',
      causes: [{ reason: 'FieldValueInvalid', message: 'what to do', field: 'field' }],
    });
  }
});

const segments = fc.oneof(
  fc.constantFrom('namespaces', 'payments', 'deployments', 'deployments.apps', 'api', ...QUESTIONS),
  fc.constantFrom(
    'activities',
    'rollouts',
    'sources',
    '..',
    '',
    '%2F',
    '%zz',
    '%00',
    '__proto__',
    'constructor',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map(encodeURIComponent),
);
const names = fc.oneof(
  fc.constantFrom(
    'start',
    'end',
    'field',
    'value',
    'field1',
    'value1',
    'version',
    'at',
    'group',
    'since',
    'until',
  ),
  fc.constantFrom('limit', 'continue', 'groupBy', 'output', 'pretty', 'timeout', 'resource', '__proto__', ''),
);
const values = fc.oneof(
  fc.constantFrom(
    'v1',
    'v2',
    'first',
    'latest',
    '-2h',
    'image',
    'spec.replicas',
    '3',
    'json',
    'text',
    'yaml',
    'patch',
  ),
  fc.constantFrom('%zz', '%ff', '%00', 'a[', 'true', '', '9'.repeat(40)),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map(encodeURIComponent),
);
const queries = fc
  .array(fc.tuple(names, values), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));

test('whatever is asked, the answer is good, or a Status of the code it comes with', async (t) => {
  const { ask } = await serve(t, fixtureReader());
  const seen = new Set<number>();
  await checkAsyncProperty(
    fc.asyncProperty(
      fc.array(segments, { maxLength: 6 }),
      queries,
      fc.boolean(),
      async (path, query, isApi) => {
        const answer = await ask(`${isApi ? API : ''}/${path.join('/')}?${query}`);
        seen.add(answer.code);
        if (answer.code !== 200) assertStatus(answer);
        assert.ok(answer.code < 500, answer.body);
      },
    ),
    { runs: 300 },
  );
  assert.ok(seen.has(404));
});
