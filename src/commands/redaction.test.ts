/** From the bytes of a log to the answers: what must not be kept is in no answer, no log line and no status of a source. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { serve } from '../http/testing/serve.ts';
import { stringifyJson, type JsonObject } from '../model/json.ts';
import { PlainStore } from '../model/store/plain-store.ts';
import { createRedactor } from '../pipeline/redact/redactor.ts';
import { rawEvent } from '../testing/events.ts';
import { CANARY_BASE64, CANARY_VALUE, canariesIn, SECRET_REF, storedSecret } from '../testing/secrets.ts';
import { startIngest } from './ingest.ts';
import { SourceWatch } from './source-watch.ts';

const V = CANARY_VALUE;
const B = CANARY_BASE64;
const OTHER = Buffer.from('other').toString('base64');
const LAST_APPLIED = {
  annotations: {
    'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ stringData: { k: V } }),
  },
};
const DATABASE_REF: JsonObject = {
  resource: 'databases',
  apiGroup: 'example.com',
  apiVersion: 'v1',
  name: 'd',
};

const RELEASE = 'sh.helm.release.v1.web.v1';

/** A log with the canary wherever an audit log can have it. */
const EVENTS: readonly JsonObject[] = [
  secretEvent(
    'create',
    1,
    { kind: 'Secret', apiVersion: 'v1', stringData: { k: V } },
    storedSecret(1, { k: B }),
  ),
  secretEvent('patch', 2, { stringData: { l: V }, metadata: LAST_APPLIED }, undefined),
  secretEvent(
    'patch',
    3,
    [{ op: 'replace', path: '/data/k', value: B }],
    storedSecret(3, { k: OTHER, l: B }),
  ),
  secretEvent('update', 4, storedSecret(3, { k: B }), storedSecret(4, { k: B }, LAST_APPLIED)),
  secretEvent('update', 5, storedSecret(3, { k: V }), {
    kind: 'Status',
    status: 'Failure',
    message: V,
    code: 422,
  }),
  secretEvent('deletecollection', 6, undefined, {
    kind: 'SecretList',
    apiVersion: 'v1',
    items: [{ metadata: { name: 'db', namespace: 'shop', uid: 'uid-s' }, data: { k: B } }],
  }),
  rawEvent({
    verb: 'get',
    atSeconds: 9,
    code: 101,
    query: `?command=${encodeURIComponent(V)}`,
    objectRef: { resource: 'pods', apiGroup: '', apiVersion: 'v1', name: 'p', subresource: 'exec' },
  }),
  rawEvent({
    verb: 'create',
    atSeconds: 10,
    code: 201,
    objectRef: {
      resource: 'serviceaccounts',
      apiGroup: '',
      apiVersion: 'v1',
      name: 's',
      subresource: 'token',
    },
    fields: { responseObject: { kind: 'TokenRequest', status: { token: V } } },
  }),
  workEvent(7, { kind: 'List', apiVersion: 'v1', items: [storedSecret(1, { k: B }, LAST_APPLIED)] }),
  workEvent(8, { manifests: [{ kind: 'Secret', apiVersion: 'v1', stringData: { k: V } }], note: 'x' }),
  rawEvent({
    verb: 'get',
    atSeconds: 13,
    code: 403,
    objectRef: SECRET_REF,
    fields: { responseObject: storedSecret(1, { k: B }) },
  }),
  rawEvent({
    verb: 'create',
    atSeconds: 14,
    objectRef: { resource: 'configmaps', apiGroup: '', apiVersion: 'v1', name: RELEASE },
    fields: {
      responseObject: {
        kind: 'ConfigMap',
        apiVersion: 'v1',
        metadata: { name: RELEASE, namespace: 'shop', uid: 'uid-r', resourceVersion: '14' },
        data: { release: V },
      },
    },
  }),
  databaseEvent(11, { password: 'other', replicas: 1 }),
  databaseEvent(12, { password: V, replicas: 1 }),
];

/** Lines that are rejected, and hold what others would have hidden. */
const REJECTED: readonly string[] = [
  `{"kind":"Event","requestObject":{"data":{"k":"${B}`,
  `${JSON.stringify(V)} is no event`,
  JSON.stringify({ kind: 'Event', data: { k: B } }),
  JSON.stringify(V),
  `${'['.repeat(2000)}"${B}"`,
  `{"data":"${B}${'x'.repeat(100_000)}"}`,
];

function secretEvent(
  verb: string,
  atSeconds: number,
  requestObject: JsonObject | readonly JsonObject[] | undefined,
  responseObject: JsonObject | undefined,
): JsonObject {
  const code = responseObject?.['kind'] === 'Status' ? 422 : 200;
  const objectRef = verb === 'deletecollection' ? { ...SECRET_REF, name: '' } : SECRET_REF;
  const fields = { requestObject: requestObject ?? null, responseObject: responseObject ?? null };
  return rawEvent({ verb, atSeconds, code, objectRef, fields });
}

function databaseEvent(atSeconds: number, spec: JsonObject): JsonObject {
  const metadata = { name: 'd', namespace: 'shop', uid: 'uid-d', resourceVersion: String(atSeconds) };
  const responseObject = { kind: 'Database', apiVersion: 'example.com/v1', metadata, spec };
  return rawEvent({ atSeconds, objectRef: DATABASE_REF, fields: { responseObject } });
}

/** An object that holds manifests to be applied elsewhere, with what was applied of it. */
function workEvent(atSeconds: number, spec: JsonObject): JsonObject {
  const annotations = { 'example.com/applied': stringifyJson({ kind: 'ManifestWork', spec }) };
  const metadata = { name: 'w', namespace: 'shop', resourceVersion: String(atSeconds), annotations };
  const body = { kind: 'ManifestWork', apiVersion: 'work.open-cluster-management.io/v1', metadata, spec };
  return rawEvent({
    atSeconds,
    objectRef: { resource: 'manifestworks', apiGroup: 'work.open-cluster-management.io', name: 'w' },
    fields: {
      requestObject: body,
      responseObject: body,
      annotations: {
        'patch.webhook.admission.k8s.io/round_0_index_0': stringifyJson({
          patch: [{ op: 'add', path: '/spec', value: spec }],
        }),
      },
    },
  });
}

async function indexOf(t: TestContext): Promise<PlainStore> {
  const folder = mkdtempSync(join(tmpdir(), 'redaction-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'audit.log');
  const events = EVENTS.map((event) => stringifyJson(event));
  // The last line is read by another way where it has no newline.
  writeFileSync(path, [...events.slice(0, -1), ...REJECTED, ...events.slice(-1)].join('\n'));
  const store = new PlainStore();
  const redactor = createRedactor({ resources: ['secrets', 'databases.example.com'] });
  const options = { follow: false, redactor, lineLengthMax: 50_000 };
  const ingest = await startIngest([path], store, options, new AbortController().signal);
  await ingest.done;
  return store;
}

const API = '/apis/kubeprovenance.cloudark.io/v1';
const SECRET = `${API}/namespaces/shop/secrets/db`;
const DATABASE = `${API}/namespaces/shop/databases/d`;
const WORK = `${API}/namespaces/shop/manifestworks/w`;
const HELM = `${API}/namespaces/shop/configmaps/${RELEASE}`;
const QUESTIONS: readonly string[] = [
  ...[SECRET, DATABASE, WORK, HELM].flatMap((object) => [
    `${object}/versions`,
    `${object}/spechistory`,
    `${object}/diff`,
    `${object}/diff?start=v1&end=v2`,
    `${object}/manifest?version=v1`,
    `${object}/manifest?version=v2`,
    `${object}/bisect?field=data.k&value=x`,
  ]),
  `${API}/activities`,
  `${API}/rollouts`,
  `${API}/sources`,
  '/metrics',
];

it('no answer and no line of the log holds what was redacted', async (t) => {
  const store = await indexOf(t);
  const server = await serve(t, store);
  for (const question of QUESTIONS) {
    for (const output of question === '/metrics' ? [''] : ['json', 'text', 'yaml', 'patch']) {
      const path =
        output === '' ? question : `${question}${question.includes('?') ? '&' : '?'}output=${output}`;
      const { body } = await server.ask(path);
      assert.deepEqual(canariesIn(body), [], `${path}\n${body}`);
    }
  }
  const [source] = store.sources();
  assert.ok(source !== undefined);
  const complaints: unknown[] = [];
  const log = {
    info: (...words: unknown[]) => complaints.push(words),
    warn: (...words: unknown[]) => complaints.push(words),
  };
  new SourceWatch(log).look([{ ...source, events: 0 }], []);
  assert.equal(complaints.length, 1);
  assert.deepEqual(canariesIn(JSON.stringify([server.log, complaints, store.sources()])), []);
});

it('what was redacted was read: versions, and the lines that were rejected', async (t) => {
  const store = await indexOf(t);
  const [source] = store.sources();
  assert.equal(source?.events, EVENTS.length);
  const { malformed, 'not-an-event': noEvent, 'over-long': overLong, 'too-deep': tooDeep } = source.dropped;
  assert.deepEqual([malformed, noEvent, overLong, tooDeep], [2, 2, 1, 1]);
  const server = await serve(t, store);
  const { body } = await server.ask(`${SECRET}/spechistory`);
  assert.match(body, /redacted:hmac-sha256:/);
  for (const object of [WORK, HELM]) {
    const { body: manifest, headers } = await server.ask(`${object}/manifest?version=v1`);
    assert.match(manifest, /redacted:hmac-sha256:/);
    assert.match(String(headers['warning']), /must not be applied as it is/);
  }
  const versions = await server.ask(`${SECRET}/versions`);
  assert.match(versions.body, /"changed":\["data\.k"/);
});
