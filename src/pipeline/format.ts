/**
 * What a file is written in, told by looking at its beginning: JSON lines, as kube-apiserver writes them, or documents
 * (an EventList, an array, pretty-printed or concatenated events).
 *
 * The first two lines that are not empty decide, however the bytes come in. A damaged first line is still a line where it
 * begins as an event does, or where the second one is an event.
 */
import type { JsonValue } from '../model/json.ts';
import { isObject, member, parseJson } from '../model/json.ts';

/** How a file is to be read. Documents are slower, and one fault costs more of them. */
export type Format = 'lines' | 'documents';

/** How much of a file is looked at: where its first line is longer, how that begins decides. */
export const FORMAT_HEAD_BYTES = 1024 * 1024;

const BOM = '\uFEFF';
/** How a line that is an event begins: kube-apiserver's, and other writers' with the same members. */
const EVENT_START = /^\{\s*"(?:kind"\s*:\s*"Event"|level"|auditID"|stage")/;

/**
 * Tells the format from a file's first bytes.
 * @param complete whether these are all bytes that the file has
 * @returns undefined where more of it must be seen
 */
export function recogniseFormat(head: Buffer, complete: boolean): Format | undefined {
  const inView = head.subarray(0, FORMAT_HEAD_BYTES);
  const isAll = complete || head.length >= FORMAT_HEAD_BYTES;
  const lines = withoutBom(inView.toString('utf8')).split('\n');
  if (!isAll) lines.pop();
  const [first, second] = lines.filter((line) => line.trim() !== '');
  if (first === undefined) return isAll ? 'lines' : undefined;
  if (!/^\s*[[{]/.test(first) || isWhole(first)) return 'lines';
  // Cut, damaged, or longer than the view; a pretty-printed event has less on its first line.
  if (EVENT_START.test(first) && !/\}\s*\{/.test(first)) return 'lines';
  if (second === undefined && !isAll) return undefined;
  return second !== undefined && isEvent(second) ? 'lines' : 'documents';
}

/** A text without the byte-order mark that some tools write first. */
export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

function isWhole(line: string): boolean {
  return parsed(line) !== undefined;
}

function isEvent(line: string): boolean {
  const value = parsed(line);
  return isObject(value) && (member(value, 'auditID') !== undefined || member(value, 'kind') === 'EventList');
}

function parsed(line: string): JsonValue | undefined {
  try {
    return parseJson(line);
  } catch {
    return undefined;
  }
}
