/** Every route's real answers, held against the schemas of the kinds that the documents promise for it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { BASE_PATH } from '../api-group.ts';
import { SERVED_API } from '../discovery/served-api.ts';
import { ROUTES } from '../routes/index.ts';
import { fixtureReader } from '../testing/fixture.ts';
import { serve } from '../testing/serve.ts';
import { DEFINITIONS, publishedName, typeOfKind } from './definitions.ts';
import { META_PREFIX } from './meta-definitions.ts';
import { openApiV3 } from './openapi-documents.ts';
import { operationsOf } from './operations.ts';

const API = '/namespaces/payments/deployments.apps/api';
const CONFIG = '/namespaces/payments/configmaps/config';
const HIDDEN = '/namespaces/payments/widgets/hidden';

/** What is asked of each route. */
const ASKED: readonly string[] = [
  `${API}/versions`,
  `${HIDDEN}/versions`,
  '/namespaces/payments/versions',
  '/clusterroles/viewer/versions',
  `${API}/spechistory`,
  `${CONFIG}/spechistory`,
  '/namespaces/payments/spechistory',
  '/clusterroles/viewer/spechistory',
  `${API}/diff`,
  `${API}/diff?start=1&end=2`,
  `${API}/diff?start=1&end=2&field=image`,
  `${CONFIG}/diff`,
  '/namespaces/payments/diff?end=1',
  '/clusterroles/viewer/diff',
  `${API}/bisect?field=image&value=api:1.1`,
  `${API}/bisect?field=image&value=never`,
  `${HIDDEN}/bisect?field=size&value=2`,
  '/namespaces/payments/bisect?field=team&value=payments',
  '/clusterroles/viewer/bisect?field=verbs&value=delete',
  `${API}/manifest`,
  '/namespaces/payments/manifest',
  '/clusterroles/viewer/manifest',
  '/activities',
  '/activities?limit=1',
  '/activities?groupBy=user',
  '/namespaces/payments/activities',
  '/objecthistories',
  '/objecthistories?limit=1',
  '/namespaces/payments/objecthistories',
  '/objecthistories/clusterroles.rbac.authorization.k8s.io:viewer',
  '/namespaces/payments/objecthistories/deployments.apps:api',
  '/rollouts',
  '/namespaces/payments/rollouts',
  '/sources',
];

const OPERATIONS = operationsOf(ROUTES, SERVED_API);

/** The operation of a path: as the router does, the first that fits, and parts that are written out before those that vary. */
function operationOf(path: string) {
  const [plain = ''] = path.split('?');
  return OPERATIONS.find(({ path: template }) => {
    const pattern = template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(BASE_PATH + plain);
  });
}

const ajv = new Ajv({ strict: false, formats: { int32: true, int64: true } });
/** As the types have it: no member that they do not name. */
ajv.addSchema({ $id: 'types', definitions: DEFINITIONS });
/** As it is published. */
ajv.addSchema({ $id: 'v3', ...openApiV3(OPERATIONS, '1.2.3') });

function assertValid(reference: string, value: unknown): void {
  const validate = ajv.getSchema(reference);
  assert.ok(validate, `there is a schema ${reference}`);
  assert.ok(validate(value), `${reference}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
}

describe('Answers', () => {
  it('are asked of every path', () => {
    const asked = new Set(ASKED.map((path) => operationOf(path)?.path));
    assert.deepEqual(
      OPERATIONS.filter(({ path }) => !asked.has(path)),
      [],
    );
  });

  for (const path of ASKED) {
    it(`are as their schemas say: ${path}`, async (t) => {
      const { ask } = await serve(t, fixtureReader());
      const answer = await ask(BASE_PATH + path);
      assert.equal(answer.code, 200, answer.body);
      const value = answer.json();
      const { answers = [] } = operationOf(path) ?? {};
      const isManifest = answers.includes('Manifest');
      const named = isManifest ? 'Manifest' : kindOf(value);
      assert.ok(answers.includes(named), `${named} is promised`);
      const type = typeOfKind(named);
      assertValid(`types#/definitions/${type}`, value);
      assertValid(`v3#/components/schemas/${publishedName(type)}`, value);
    });
  }

  it('are as their schema says where they are refusals', async (t) => {
    const { ask } = await serve(t, fixtureReader());
    for (const path of [`${API}/diff?start=99`, '/namespaces/payments/databases/main/versions', '/x/y/z']) {
      const answer = await ask(BASE_PATH + path);
      assert.notEqual(answer.code, 200);
      assertValid(`v3#/components/schemas/${META_PREFIX}Status`, answer.json());
    }
  });

  it('would be found out if they held more than their schemas, or less', () => {
    const type = 'types#/definitions/SourceList';
    const list = { kind: 'SourceList', apiVersion: 'kubeprovenance.cloudark.io/v1', metadata: {}, items: [] };
    assertValid(type, list);
    for (const wrong of [
      { ...list, more: 1 },
      { ...list, metadata: { more: 1 } },
      { ...list, items: null },
    ]) {
      assert.throws(() => assertValid(type, wrong), /types#/);
    }
  });
});

function kindOf(value: unknown): string {
  assert.ok(typeof value === 'object' && value !== null && 'kind' in value);
  return String(value.kind);
}
