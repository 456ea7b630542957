import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { KubeConfigSource } from './kube-config.ts';
import { temporaryFolder } from './testing/fake-api-server.ts';

function sourceOf(t: TestContext, config: unknown): { source: KubeConfigSource; folder: string } {
  const folder = temporaryFolder(t);
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, typeof config === 'string' ? config : stringify(config));
  return { folder, source: new KubeConfigSource({ path, flag: '--authorization-kubeconfig' }) };
}

function configWith(cluster: unknown, user: unknown): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'other', cluster: { server: 'https://other' } },
      { name: 'c', cluster },
    ],
    users: [
      { name: 'other', user: { tokenFile: 'nowhere' } },
      { name: 'u', user },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
}

describe('A kubeconfig', () => {
  it('gives the server, the CA and a client certificate, from data or from files beside it', async (t) => {
    const { source, folder } = sourceOf(
      t,
      configWith(
        {
          server: 'https://10.0.0.1:6443/',
          'certificate-authority': 'ca.crt',
          'tls-server-name': 'kubernetes',
          'proxy-url': 'http://proxy:3128',
        },
        {
          'client-certificate': 'a.crt',
          'client-key-data': Buffer.from('KEY').toString('base64'),
        },
      ),
    );
    writeFileSync(join(folder, 'ca.crt'), 'CA');
    writeFileSync(join(folder, 'a.crt'), 'CERT');
    assert.deepEqual(await source.read(), {
      server: 'https://10.0.0.1:6443',
      headers: {},
      tls: {
        ca: Buffer.from('CA'),
        cert: Buffer.from('CERT'),
        key: Buffer.from('KEY'),
        servername: 'kubernetes',
      },
      proxyUrl: 'http://proxy:3128',
    });
    writeFileSync(join(folder, 'a.crt'), 'RENEWED');
    assert.deepEqual((await source.read()).tls.cert, Buffer.from('RENEWED'));
  });

  it('gives a token, and one of a file as it is at the moment', async (t) => {
    const inline = sourceOf(t, configWith({ server: 'https://a' }, { token: 'abc' }));
    assert.deepEqual((await inline.source.read()).headers, { authorization: 'Bearer abc' });
    const inFile = sourceOf(t, configWith({ server: 'https://a' }, { tokenFile: 'token' }));
    for (const token of ['one', 'two']) {
      writeFileSync(join(inFile.folder, 'token'), `${token}\n`);
      assert.deepEqual((await inFile.source.read()).headers, { authorization: `Bearer ${token}` });
    }
  });

  it('keeps what an exec plugin said while its text is the same', async (t) => {
    const credential = 'echo >> calls; echo \'{"status":{"token":"t\'$(wc -l < calls)\'"}}\'';
    const { source, folder } = sourceOf(
      t,
      configWith(
        { server: 'https://a' },
        { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', credential] } },
      ),
    );
    const before = process.cwd();
    process.chdir(folder);
    t.after(() => process.chdir(before));
    assert.deepEqual((await source.read()).headers, { authorization: 'Bearer t1' });
    assert.deepEqual((await source.read()).headers, { authorization: 'Bearer t1' });
  });

  it('that cannot be used is named, with the flag that gives it', async (t) => {
    const missing = new KubeConfigSource({ path: '/nonexistent/kubeconfig', flag: '--kubeconfig' });
    await assert.rejects(missing.read(), {
      code: 'CLUSTER_CONFIG',
      message: /^the kubeconfig \/nonexistent\/kubeconfig cannot be used: ENOENT.*; see --kubeconfig$/,
    });
    for (const [config, problem] of [
      ['just text', /it is no kubeconfig/],
      [{ ...Object(configWith({ server: 'https://a' }, {})), 'current-context': 'y' }, /no current-context/],
      [configWith({ server: 'http://plain' }, {}), /HTTP protocol is not allowed/],
      [configWith({ server: 'https://a' }, { tokenFile: 'nowhere' }), /ENOENT.*nowhere/],
    ] as const) {
      const { source } = sourceOf(t, config);
      await assert.rejects(source.read(), { code: 'CLUSTER_CONFIG', message: problem });
    }
  });
});

describe('What is wrong with a kubeconfig', () => {
  const command = (script: string): unknown =>
    configWith(
      { server: 'https://a' },
      { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } },
    );
  for (const [what, config, message] of [
    [
      'is no YAML',
      'users:\n- name: u\n  user: { token: s3cret\n',
      /it is no YAML \([A-Z_]+, at character \d+\)/,
    ],
    [
      'is no YAML to the client library',
      'users: [{name: u, user: {token: !x s3cret}}]',
      /no current-context/,
    ],
    ['has an exec plugin without JSON', command('echo s3cret'), /its exec plugin wrote no JSON/],
  ] as const) {
    it(`is said without what it holds: one that ${what}`, async (t) => {
      await assert.rejects(sourceOf(t, config).source.read(), (error: Error) => {
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    });
  }
});

describe('The service account of a pod', () => {
  const NAMES = ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'] as const;

  /** The environment of a pod, for one test. */
  function setEnvironment(t: TestContext, values: readonly [string, string] | undefined): void {
    const before = NAMES.map((name) => process.env[name]);
    const set = (all: readonly (string | undefined)[]): void => {
      for (const [index, name] of NAMES.entries()) {
        const value = all[index];
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    };
    set(values ?? []);
    t.after(() => set(before));
  }

  it('is used where no kubeconfig is given; its token is read each time', async (t) => {
    setEnvironment(t, ['fd00::1', '443']);
    const root = temporaryFolder(t);
    const folder = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'ca.crt'), 'CA');
    const source = new KubeConfigSource({ path: undefined, flag: '--kubeconfig', root });
    for (const token of ['one', 'two']) {
      writeFileSync(join(folder, 'token'), token);
      assert.deepEqual(await source.read(), {
        server: 'https://[fd00::1]:443',
        headers: { authorization: `Bearer ${token}` },
        tls: { ca: Buffer.from('CA') },
        proxyUrl: undefined,
      });
    }
  });

  it('that is not there is said, with the flag that would help', async (t) => {
    setEnvironment(t, undefined);
    const source = new KubeConfigSource({ path: undefined, flag: '--kubeconfig' });
    await assert.rejects(source.read(), {
      code: 'CLUSTER_CONFIG',
      message: /this is no pod: .*KUBERNETES_SERVICE_PORT; give a kubeconfig with --kubeconfig$/,
    });
  });
});
