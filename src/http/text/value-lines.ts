/** A value of any size as lines of YAML. */
import { isArray, isObject, type JsonValue } from '../../model/json.ts';
import { renderYaml } from '../render.ts';
import { inlineValue, printable, textLines } from './printable.ts';

/** One line for a scalar or what is empty, the lines of a text, YAML for the rest. */
export function valueLines(value: JsonValue): readonly string[] {
  const lines = textLines(value);
  if (lines !== undefined) return lines;
  const isNested = isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
  return isNested ? renderYaml(value).trimEnd().split('\n').map(printable) : [inlineValue(value)];
}
