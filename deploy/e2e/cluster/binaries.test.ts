import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Binaries, cacheFolder, MissingBinariesError, planBinaries, PROGRAMS } from './binaries.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'binaries-'));
  t.after(async () => rm(folder, { recursive: true }));
  return folder;
}

async function put(folder: string, programs: readonly string[], mode = 0o755): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const program of programs) await writeFile(join(folder, program), '', { mode });
  return folder;
}

test('KUBEBUILDER_ASSETS comes first, the cache fills in', async (t) => {
  const KUBEPROVENANCE_CACHE = await temporaryFolder(t);
  const assets = await put(await temporaryFolder(t), ['etcd', 'kube-apiserver', 'kubectl']);
  const cache = await put(cacheFolder({ KUBEPROVENANCE_CACHE }), PROGRAMS);
  const { paths, missing } = await planBinaries(PROGRAMS, {
    KUBEBUILDER_ASSETS: assets,
    KUBEPROVENANCE_CACHE,
  });
  assert.deepEqual(missing, []);
  assert.deepEqual(Object.fromEntries(paths), {
    etcd: join(assets, 'etcd'),
    'kube-apiserver': join(assets, 'kube-apiserver'),
    kubectl: join(assets, 'kubectl'),
    'kube-controller-manager': join(cache, 'kube-controller-manager'),
    'kube-scheduler': join(cache, 'kube-scheduler'),
    kwok: join(cache, 'kwok'),
  });
});

test('of PATH only etcd is taken: any version of it will do, which is not so for Kubernetes', async (t) => {
  const KUBEPROVENANCE_CACHE = await temporaryFolder(t);
  const path = await put(await temporaryFolder(t), PROGRAMS);
  const env = { PATH: ['/nowhere', '', path].join(delimiter), KUBEPROVENANCE_CACHE };
  const { paths, missing } = await planBinaries(['etcd', 'kubectl'], env);
  assert.deepEqual([...paths], [['etcd', join(path, 'etcd')]]);
  assert.deepEqual(missing, ['kubectl']);
});

test('a file that is not executable is no program', async (t) => {
  const assets = await put(await temporaryFolder(t), PROGRAMS, 0o644);
  const env = { KUBEBUILDER_ASSETS: assets, KUBEPROVENANCE_CACHE: join(assets, 'none') };
  assert.deepEqual((await planBinaries(PROGRAMS, env)).missing, PROGRAMS);
});

test('a KUBEBUILDER_ASSETS that is no folder is not passed over', async () => {
  await assert.rejects(planBinaries(['etcd'], { KUBEBUILDER_ASSETS: '/no/such/folder' }), (error) => {
    assert.ok(error instanceof MissingBinariesError);
    assert.match(error.message, /\/no\/such\/folder is not a folder/);
    return true;
  });
});

test('the cache is outside the checkout, where the environment says', () => {
  const name = 'kubernetes-1.34.4-kwok-0.8.0';
  assert.equal(cacheFolder({ KUBEPROVENANCE_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }), `/c/${name}`);
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' }), `/x/kubeprovenance/${name}`);
  assert.equal(cacheFolder({ HOME: '/h' }), `/h/.cache/kubeprovenance/${name}`);
});

/** Commands that the build script asks for, as scripts; whatever else it needs comes from the system's own folders. */
async function fakeTools(t: TestContext, tools: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return `${folder}${delimiter}/usr/bin${delimiter}/bin`;
}

test('a Go that is too old is named, and KUBEBUILDER_ASSETS as the way out', async (t) => {
  const env = {
    PATH: await fakeTools(t, { go: 'echo go1.19.8' }),
    KUBEPROVENANCE_CACHE: await temporaryFolder(t),
  };
  await assert.rejects(Binaries.find(['kube-apiserver'], env), (error) => {
    assert.ok(error instanceof MissingBinariesError);
    assert.match(error.message, /^not found: kube-apiserver\./);
    assert.match(error.message, /Go 1\.24 or later is needed; go on PATH is go1\.19\.8/);
    assert.match(error.message, /KUBEBUILDER_ASSETS/);
    return true;
  });
});

test('a build that fails half-way leaves nothing that is taken for a program', async (t) => {
  const go =
    'case "$1" in env) echo go1.24.1;; install) printf half >"$GOBIN/kwok"; echo no network >&2; exit 1;; esac';
  const env = { PATH: await fakeTools(t, { go }), KUBEPROVENANCE_CACHE: await temporaryFolder(t) };
  await assert.rejects(Binaries.find(['kwok'], env), /no network/);
  assert.deepEqual((await planBinaries(['kwok'], env)).missing, ['kwok']);
});

test('processes that need a program at once build it once', async (t) => {
  const folder = await temporaryFolder(t);
  const go = `case "$1" in env) echo go1.24.1;; install) echo >>${folder}/builds; sleep 0.2; echo >"$GOBIN/kwok"; chmod +x "$GOBIN/kwok";; esac`;
  const env = { PATH: await fakeTools(t, { go }), KUBEPROVENANCE_CACHE: folder };
  const found = await Promise.all([1, 2, 3].map(async () => Binaries.find(['kwok'], env)));
  assert.deepEqual(
    found.map((binaries) => binaries.path('kwok')),
    Array.from({ length: 3 }, () => join(cacheFolder(env), 'kwok')),
  );
  assert.equal((await readFile(join(folder, 'builds'), 'utf8')).length, 1);
});
