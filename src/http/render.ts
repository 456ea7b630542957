/** Answers as text: JSON and YAML. A pure function of the value. */
import { stringify } from 'yaml';
import { stringifyJson } from '../model/json.ts';

/** JSON with a newline at its end, as kube-apiserver writes it. */
export function renderJson(value: unknown, pretty: boolean): string {
  return `${stringifyJson(value, pretty ? 2 : undefined)}\n`;
}

/**
 * YAML that every reader of it reads alike: kubectl's parser follows YAML 1.1, where `yes`, `0777` and `12:30` are not
 * strings, so what is one there is quoted. Equal parts are repeated, not anchored; long lines stay whole.
 */
export function renderYaml(value: unknown): string {
  return stringify(value, { compat: 'yaml-1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}
