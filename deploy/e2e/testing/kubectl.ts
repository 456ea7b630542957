/** kubectl as a person uses it: what it prints, and what it complains about. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import type { JsonValue } from '../../../src/model/json.ts';
import { Binaries } from '../cluster/binaries.ts';
import type { Cluster, KubectlOptions } from '../cluster/cluster.ts';
import type { Identity } from '../cluster/identities.ts';
import { runCommand } from '../cluster/processes.ts';
import { parsed } from './pick.ts';

/** Runs kubectl, which must succeed. @returns what it prints */
export async function printed(
  cluster: Cluster,
  words: readonly string[],
  options: KubectlOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await cluster.kubectl(words, options);
  assert.equal(exitCode, 0, `kubectl ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** As `printed`, where JSON is printed. */
export async function printedJson(
  cluster: Cluster,
  words: readonly string[],
  options: KubectlOptions = {},
): Promise<JsonValue> {
  return parsed(await printed(cluster, words, options));
}

/** Runs kubectl, which must fail. @returns its complaint, and all that servers warn of */
export async function complaint(
  cluster: Cluster,
  words: readonly string[],
  options: KubectlOptions = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await cluster.kubectl(words, options);
  assert.equal(exitCode, 1, `kubectl ${words.join(' ')} succeeded: ${stdout}`);
  return stderr.trim();
}

/**
 * Runs a line of a document in a shell, where `kubectl` is on the PATH and means this cluster; waits for what it leaves in the
 * background. @returns what it prints. @throws where it fails
 */
export async function printedByShell(line: string, as: Identity): Promise<string> {
  const kubectl = (await Binaries.find(['kubectl'])).path('kubectl');
  const env = { PATH: `${dirname(kubectl)}:${process.env['PATH'] ?? ''}`, KUBECONFIG: as.kubeconfig };
  const result = await runCommand('sh', ['-c', `${line}\nstatus=$?; wait; exit $status`], {
    cwd: as.home,
    env,
  });
  assert.equal(result.exitCode, 0, `${line}: ${result.stderr}`);
  return result.stdout;
}

/** The rows of a table that kubectl printed, the header first; cells are parted by two spaces or more. */
export function rowsOf(table: string): string[][] {
  const lines = table.split('\n').filter((line) => line !== '');
  return lines.map((line) => line.trimEnd().split(/ {2,}/));
}
