import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serveRouter, type AskRouter } from '../discovery/testing/serve-router.ts';
import { SERVED_API } from '../discovery/served-api.ts';
import { ROUTES } from '../routes/index.ts';
import { assertStatus } from '../testing/assert-status.ts';
import { mountOpenApi, OPENAPI_PATHS } from './mount-openapi.ts';

const OPTIONS = { routes: ROUTES, served: SERVED_API, version: '1.2.3' };
const V3_PATH = '/openapi/v3/apis/kubeprovenance.cloudark.io/v1';
/** What old and new clients ask for first. */
const PROTOBUF = [
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v3.v1.0+protobuf',
];

/** The URL that the index gives for our group. */
async function hashedUrl(ask: AskRouter): Promise<string> {
  const { body } = await ask('/openapi/v3');
  return /"serverRelativeURL":"([^"]+)"/.exec(body)?.[1] ?? '';
}

describe('OpenAPI', () => {
  it('is served in both versions', async (t) => {
    const ask = await serveRouter(t, (router) => mountOpenApi(router, OPTIONS));
    const [v2, index, v3] = await Promise.all(OPENAPI_PATHS.map((path) => ask(path)));
    assert.match(
      v2?.body ?? '',
      /^\{"swagger":"2\.0","info":\{"title":"kubeprovenance","version":"1\.2\.3"\}/,
    );
    assert.match(
      v3?.body ?? '',
      /^\{"openapi":"3\.0\.0","info":\{"title":"kubeprovenance","version":"1\.2\.3"\}/,
    );
    const hash = String(v3?.headers['etag']).slice(1, -1);
    assert.match(hash, /^[0-9A-F]{128}$/);
    const serverRelativeURL = `${V3_PATH}?hash=${hash}`;
    assert.deepEqual(index?.json(), {
      paths: { 'apis/kubeprovenance.cloudark.io/v1': { serverRelativeURL } },
    });
  });

  it('says 304 to who has it, and answers HEAD and people', async (t) => {
    const ask = await serveRouter(t, (router) => mountOpenApi(router, OPTIONS));
    for (const path of OPENAPI_PATHS) {
      const answer = await ask(path, { 'user-agent': 'kube-apiserver' });
      assert.deepEqual([answer.code, answer.headers['content-type']], [200, 'application/json']);
      assert.equal(answer.headers['vary'], 'Accept');
      const known = { 'if-none-match': String(answer.headers['etag']) };
      const again = await ask(path, known);
      assert.deepEqual([again.code, again.body], [304, '']);
      const head = await ask(path, {}, 'HEAD');
      assert.equal(head.headers['content-length'], answer.headers['content-length']);
      const read = await ask(path, { 'user-agent': 'kubectl/v1.34.4' });
      assert.deepEqual(read.json(), answer.json());
    }
  });

  it('may be kept for ever under its own hash only', async (t) => {
    const ask = await serveRouter(t, (router) => mountOpenApi(router, OPTIONS));
    const url = await hashedUrl(ask);
    const right = await ask(url);
    assert.equal(right.headers['cache-control'], 'public, immutable');
    assert.ok(Date.parse(String(right.headers['expires'])) > Date.now() + 300 * 24 * 3600 * 1000);
    for (const path of [V3_PATH, `${V3_PATH}?hash=`, `${V3_PATH}?hash=OLD`]) {
      const answer = await ask(path);
      // Never a redirect: kube-apiserver makes 502 of it.
      assert.deepEqual([answer.code, answer.body], [200, right.body]);
      assert.equal(answer.headers['cache-control'], 'no-cache, private');
      assert.equal(answer.headers['expires'], undefined);
    }
  });

  it('has another hash where the document is another', async (t) => {
    const one = await serveRouter(t, (router) => mountOpenApi(router, OPTIONS));
    const other = await serveRouter(t, (router) => mountOpenApi(router, { ...OPTIONS, version: '1.2.4' }));
    assert.notEqual(await hashedUrl(one), await hashedUrl(other));
  });

  it('is JSON for who takes that too, and refused to who takes only protobuf', async (t) => {
    const ask = await serveRouter(t, (router) => mountOpenApi(router, OPTIONS));
    for (const path of OPENAPI_PATHS) {
      for (const protobuf of PROTOBUF) {
        assertStatus(await ask(path, { accept: protobuf }), 406);
        for (const json of ['application/json', '*/*']) {
          const answer = await ask(path, { accept: `${protobuf}, ${json};q=0.5` });
          assert.deepEqual([answer.code, answer.headers['content-type']], [200, 'application/json']);
        }
      }
    }
  });

  it('asks whether its reader may read the path', async (t) => {
    const asked: unknown[] = [];
    const ask = await serveRouter(
      t,
      (router) => mountOpenApi(router, OPTIONS),
      (_, attributes) => {
        asked.push(attributes);
        return Promise.resolve({ allowed: false, reason: '' });
      },
    );
    for (const path of OPENAPI_PATHS) assertStatus(await ask(path), 403);
    assert.deepEqual(
      asked,
      OPENAPI_PATHS.map((path) => ({ verb: 'get', path })),
    );
  });
});
