/**
 * What a file is written in, told by looking at its beginning: JSON lines, as kube-apiserver writes them, or documents
 * (an EventList, an array, pretty-printed or concatenated events).
 *
 * A file whose first line is damaged is still a file of lines if any line in view is an event.
 */
import type { JsonValue } from '../model/json.ts';
import { isObject, member } from '../model/json.ts';

/** How a file is to be read. Documents are slower, and one fault costs more of them. */
export type Format = 'lines' | 'documents';

/** How much of a file is looked at before it is told by the first line's beginning alone. */
export const FORMAT_HEAD_BYTES = 1024 * 1024;

const BOM = '\uFEFF';
/** The first line of an audit log, too long to be seen whole. */
const EVENT_START = /^\{\s*"(?:kind"\s*:\s*"Event"|level"|auditID"|stage")/;

/**
 * Tells the format from a file's first bytes.
 * @param complete whether these are all bytes that the file has
 * @returns undefined where more of it must be seen
 */
export function recogniseFormat(head: Buffer, complete: boolean): Format | undefined {
  const text = withoutBom(head.toString('utf8'));
  const lines = text.split('\n');
  const unfinished = lines.pop() ?? '';
  const whole = complete ? [...lines, unfinished] : lines;
  const first = whole.findIndex((line) => line.trim() !== '');
  const firstLine = whole[first];
  if (firstLine !== undefined) {
    if (parsed(firstLine) !== undefined) return 'lines';
    if (whole.slice(first + 1).some((line) => isEventLike(parsed(line)))) return 'lines';
    // An event that is cut or damaged, not the first line of a pretty-printed document: those are short.
    if (!/^\s*[[{]/.test(firstLine)) return 'lines';
    if (complete || head.length >= FORMAT_HEAD_BYTES || !isDamagedEvent(firstLine)) return 'documents';
    return undefined;
  }
  if (complete) return 'lines';
  const start = unfinished.trimStart();
  if (head.length >= FORMAT_HEAD_BYTES)
    return /^[[{]/.test(start) && !EVENT_START.test(start) ? 'documents' : 'lines';
  return undefined;
}

/** A text without the byte-order mark that some tools write first. */
export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

function parsed(line: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEventLike(value: JsonValue | undefined): boolean {
  return isObject(value) && (member(value, 'auditID') !== undefined || member(value, 'kind') === 'EventList');
}

function isDamagedEvent(line: string): boolean {
  return EVENT_START.test(line) && !/\}\s*\{/.test(line);
}
