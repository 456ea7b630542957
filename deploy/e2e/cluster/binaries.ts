/**
 * Where the programs of a cluster are. In this order:
 *
 * 1. the folder that KUBEBUILDER_ASSETS names (the convention of envtest and controller-runtime);
 * 2. etcd only: PATH;
 * 3. the cache, which build-binaries.sh fills: Kubernetes and kwok from the Go module proxy, etcd from Debian.
 *
 * Invariant: a program in the cache is whole (it is renamed into place), and of the versions named here.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const KUBERNETES_VERSION = '1.34.4';
const KWOK_VERSION = '0.8.0';
const BUILD_SCRIPT = join(import.meta.dirname, 'build-binaries.sh');

/** The programs that a cluster with fake nodes consists of, and its client. */
export const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
] as const;

/** One of the programs. */
export type Program = (typeof PROGRAMS)[number];

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a program was looked for: found, or to be built into the cache. */
export interface BinaryPlan {
  readonly paths: ReadonlyMap<Program, string>;
  readonly missing: readonly Program[];
  /** The folder that what is missing is built into. */
  readonly cache: string;
}

/** Programs are not there and could not be got. The message says why, and what to do. */
export class MissingBinariesError extends Error {
  override readonly name = 'MissingBinariesError';
  readonly code = 'MISSING_BINARIES';

  constructor(missing: readonly string[], why: string) {
    super(
      `not found: ${missing.join(', ')}. ${why}\n` +
        'Any other way to get them will do: set KUBEBUILDER_ASSETS to a folder that holds them\n' +
        '(`setup-envtest use -p path` downloads etcd, kube-apiserver and kubectl and prints such a folder;\n' +
        'the others are on the release pages of Kubernetes and kwok).',
    );
  }
}

/** Looks for programs without building any. @throws MissingBinariesError where KUBEBUILDER_ASSETS is no folder */
export async function planBinaries(programs: readonly Program[], env: Environment): Promise<BinaryPlan> {
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && assets !== '' && !(await isFolder(assets))) {
    throw new MissingBinariesError(programs, `KUBEBUILDER_ASSETS=${assets} is not a folder.`);
  }
  const cache = cacheFolder(env);
  const found = await Promise.all(
    programs.map(async (program) => {
      const search = program === 'etcd' ? (env['PATH'] ?? '').split(delimiter) : [];
      const path = await firstExecutable([assets ?? '', ...search, cache], program);
      return [program, path] as const;
    }),
  );
  return {
    paths: new Map(found.flatMap(([program, path]) => (path === undefined ? [] : [[program, path]]))),
    missing: found.flatMap(([program, path]) => (path === undefined ? [program] : [])),
    cache,
  };
}

/** The paths of programs; a map that has them all. */
export class Binaries {
  readonly #paths: ReadonlyMap<Program, string>;

  private constructor(paths: ReadonlyMap<Program, string>) {
    this.#paths = paths;
  }

  /**
   * Finds programs, and builds those that are missing: minutes the first time, and never again. Of several processes that
   * need them at once one builds and the others wait.
   * @throws MissingBinariesError with what is missing and how to get it
   */
  static async find(programs: readonly Program[], env: Environment = process.env): Promise<Binaries> {
    const plan = await planBinaries(programs, env);
    if (plan.missing.length === 0) return new Binaries(plan.paths);
    await build(plan, env);
    const { paths, missing } = await planBinaries(programs, env);
    if (missing.length > 0) throw new MissingBinariesError(missing, `${BUILD_SCRIPT} did not make them.`);
    return new Binaries(paths);
  }

  path(program: Program): string {
    const path = this.#paths.get(program);
    if (path === undefined) throw new Error(`${program} was not asked for`);
    return path;
  }
}

/** Where programs are kept: under KUBEPROVENANCE_CACHE, else under the user's cache folder; outside the checkout. */
export function cacheFolder(env: Environment): string {
  const named = env['KUBEPROVENANCE_CACHE'];
  const user = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const root = named === undefined || named === '' ? join(user, 'kubeprovenance') : named;
  return join(root, `kubernetes-${KUBERNETES_VERSION}-kwok-${KWOK_VERSION}`);
}

async function build({ cache, missing }: BinaryPlan, env: Environment): Promise<void> {
  const args = [cache, KUBERNETES_VERSION, KWOK_VERSION, ...missing];
  const child = spawn(BUILD_SCRIPT, args, { env: { ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines.push(text);
    process.stderr.write(text);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (exitCode === 0) return;
  const end = lines.join('').trimEnd().split('\n').slice(-8).join('\n');
  throw new MissingBinariesError(missing, `They could not be built:\n${end}`);
}

async function firstExecutable(folders: readonly string[], program: Program): Promise<string | undefined> {
  for (const folder of folders) {
    if (folder === '') continue;
    const path = join(folder, program);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next folder may have it.
    }
  }
  return undefined;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
