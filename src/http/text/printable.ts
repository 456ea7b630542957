/**
 * Text for a terminal. Names, user agents and values come from whoever may send a request to the cluster: what a terminal
 * would obey (escape sequences, a carriage return, a change of the writing direction) is shown as its code instead.
 */
import { stringifyJson } from '../../model/json.ts';

/** C0 and C1 controls, line and paragraph separators, marks that reorder text, the byte order mark. */
// oxlint-disable-next-line eslint/no-control-regex -- control characters are what it is for
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of text: line breaks are shown as codes too. */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(OBEYED, (character) => codeOf(character));
}

function codeOf(character: string): string {
  if (character === '\n') return String.raw`\n`;
  if (character === '\t') return String.raw`\t`;
  if (character === '\r') return String.raw`\r`;
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A value in one line: a string as it is where that cannot be mistaken for another value, else JSON. */
export function inlineValue(value: unknown): string {
  if (typeof value === 'string' && isPlain(value)) return printable(value);
  return printable(stringifyJson(value));
}

/** Whether a string cannot be read as a number, a keyword, JSON, or nothing at all. */
function isPlain(text: string): boolean {
  return text !== '' && text === text.trim() && !/^(?:[-+.\d"[{]|(?:true|false|null)$)/.test(text);
}

/** The lines of a text of several lines, without a last one that is empty; undefined where it has only one. */
export function textLines(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string' || !value.includes('\n')) return undefined;
  const lines = value.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => printable(line.replace(/\r$/, '')));
}

/** `Name:    value` lines, the values under each other; what has no value is left out. */
export function labelled(
  entries: readonly (readonly [label: string, value: string | undefined])[],
): string[] {
  const present = entries.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  const width = Math.max(0, ...present.map(([label]) => label.length)) + 1;
  return present.map(([label, value]) => `${`${label}:`.padEnd(width)} ${value}`);
}

/** Rows as columns under each other: numbers should come padded; the last column is not. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines as text: each ends with a newline; no lines are ''. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** The blocks with an empty line between each two. */
export function joinBlocks(blocks: readonly (readonly string[])[]): string {
  return blocks.map(joinLines).join('\n');
}

/** Lines behind a prefix; empty ones get no spaces at their end. */
export function prefixed(prefix: string, lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? prefix.trimEnd() : `${prefix}${line}`));
}
