/** `manifest` as YAML, with what is to be known about it in comments: kubectl takes the text as it is. */
import type { ManifestAnswer } from '../../model/query/manifest.ts';
import { renderYaml } from '../render.ts';
import { joinLines, printable } from './printable.ts';

/** The manifest below its version and fidelity. */
export function manifestText({ version, fidelity, manifest, warning }: ManifestAnswer): string {
  const comments = [
    `# ${version}, ${fidelity}`,
    ...(warning === undefined ? [] : [`# ${printable(warning)}`]),
  ];
  return joinLines(comments) + renderYaml(manifest);
}
