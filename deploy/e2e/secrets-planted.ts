/** Secret values, and the places of a cluster's audit log where they are planted. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isObject, objectMember, stringMember, type JsonValue } from '../../src/model/json.ts';
import type { Manifest } from './cluster/manifests.ts';
import { askDirect } from './testing/direct-request.ts';
import type { ProvenanceCluster } from './testing/provenance-cluster.ts';

/** Where the Secrets are. */
export const VAULT = '/api/v1/namespaces/default/secrets';

/** A value that escapes differently in JSON, in URLs and in YAML, around a core that does not. */
export class Planted {
  /** What is looked for. */
  readonly core = randomBytes(16).toString('hex');
  readonly text: string;

  constructor(around = true) {
    this.text = around ? `p"l\\a<n>&t:é ${this.core}\n` : this.core;
  }

  get base64(): string {
    return Buffer.from(this.text).toString('base64');
  }

  /** The core as it is (in JSON and in URLs too), in hex, and in base64 wherever it may begin among other bytes. */
  forms(): readonly string[] {
    return formsOf(this.core);
  }
}

function formsOf(core: string): readonly string[] {
  const bytes = Buffer.from(core);
  const base64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes, Buffer.alloc(2)]).toString('base64');
    // Without the characters that depend on the bytes around it.
    const inner = text.slice(offset === 0 ? 0 : 4, -4);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...new Set([core, bytes.toString('hex'), ...base64])];
}

/** Which of the values a text holds, in any form. */
export function leaks(text: string, values: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...values].filter(([, forms]) => forms.some((form) => text.includes(form))).map(([name]) => name);
}

/**
 * Plants values everywhere, each another.
 * @param planted gets, by the name of their place, the forms in which they may be found
 */
export async function plantAll(
  { cluster, port }: ProvenanceCluster,
  planted: Map<string, readonly string[]>,
): Promise<void> {
  const plant = planter(planted);
  const { client } = cluster.admin;
  const send = async (
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    body: unknown,
    contentType?: string,
  ): Promise<JsonValue> =>
    client.expect({ method, path, body, ...(contentType === undefined ? {} : { contentType }) });
  const secret = (name: string, more: Manifest): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    ...more,
  });

  await send(
    'POST',
    VAULT,
    secret('created', { data: { a: plant('data').base64 }, stringData: { b: plant('stringData').text } }),
  );
  await send('PUT', `${VAULT}/created`, secret('created', { data: { a: plant('update').base64 } }));
  const patches: readonly (readonly [string, unknown])[] = [
    [
      'json-patch',
      [
        { op: 'add', path: '/data/c', value: plant('JSON patch').base64 },
        { op: 'add', path: '/stringData', value: { d: plant('JSON patch of stringData').text } },
      ],
    ],
    [
      'merge-patch',
      {
        data: { e: plant('merge patch').base64 },
        stringData: { f: plant('merge patch of stringData').text },
      },
    ],
    [
      'strategic-merge-patch',
      {
        data: { g: plant('strategic patch').base64 },
        stringData: { h: plant('strategic patch of stringData').text },
      },
    ],
  ];
  for (const [kind, body] of patches)
    await send('PATCH', `${VAULT}/created`, body, `application/${kind}+json`);
  await client.apply(
    `${VAULT}/applied`,
    secret('applied', { stringData: { a: plant('server-side apply').text } }),
  );

  const kubectl = async (args: readonly string[], input = ''): Promise<string> => {
    const { exitCode, stdout, stderr } = await cluster.kubectl(args, { input });
    assert.equal(exitCode, 0, stderr);
    return stdout;
  };
  const first = secret('kept', { stringData: { a: plant('last-applied').text } });
  await kubectl(['apply', '-f', '-'], JSON.stringify(first));
  const second = secret('kept', { data: { a: plant('last-applied again').base64 } });
  await kubectl(['apply', '-f', '-'], JSON.stringify(second));
  await kubectl(['create', 'secret', 'generic', 'made', `--from-literal=a=${plant('kubectl create').text}`]);
  await kubectl(['delete', 'secret', 'made']);

  await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  await send('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'box' },
    spec: {
      serviceAccountName: 'robot',
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'x' }],
    },
  });
  // No node runs the pod: that the request fails is known, and it is in the log all the same.
  const { exitCode } = await cluster.kubectl([
    'exec',
    'box',
    '--',
    'login',
    plant('exec').text,
    plant('exec', false).text,
  ]);
  assert.notEqual(exitCode, 0);
  await client.send({
    method: 'POST',
    path: `/api/v1/namespaces/default/pods/box/exec?command=sh&command=${encodeURIComponent(plant('exec by URL').text)}`,
  });
  await client.send({
    method: 'POST',
    path: `/api/v1/namespaces/default/pods/box/proxy/login?token=${plant('proxy', false).text}`,
  });

  const made = await send('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
  const token = stringMember((isObject(made) && objectMember(made, 'status')) || {}, 'token') ?? '';
  const [, , signature = ''] = token.split('.');
  assert.ok(signature.length > 100);
  planted.set('TokenRequest', [signature, ...formsOf(signature.slice(4, 44))]);
  const review = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: plant('TokenReview', false).text },
  };
  await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
  const headers = [['Authorization', `Bearer ${plant('bearer token', false).text}`]] as const;
  assert.equal((await askDirect({ port, path: '/', headers })).status, 401);

  const versions = ['one', 'two'].map((label) => ({ metadata: { name: 'equal', labels: { label } } }));
  const [same, changed] = [plant('equal values'), plant('another value')];
  await send('POST', VAULT, secret('equal', { ...versions[0], data: { a: same.base64, b: same.base64 } }));
  await send(
    'PUT',
    `${VAULT}/equal`,
    secret('equal', { ...versions[1], stringData: { a: same.text, b: same.text } }),
  );
  await send('PATCH', `${VAULT}/equal`, { data: { b: changed.base64 } }, 'application/merge-patch+json');
}

/** Makes values, each another, and notes in which forms they may be found. */
export function planter(
  planted: Map<string, readonly string[]>,
): (where: string, around?: boolean) => Planted {
  return (where, around = true) => {
    const value = new Planted(around);
    planted.set(where, value.forms());
    return value;
  };
}
