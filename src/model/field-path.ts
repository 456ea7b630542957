/**
 * Field paths: `spec.template.spec.containers[name=web].image`.
 *
 *     path     = [ "." ] ( key | bracket ) { "." key | bracket }
 *     bracket  = "[" digits "]"                  the entry at that position of a list
 *              | "[" quoted "]"                  a key that is no plain name: ['app.conf']
 *              | "[" part { "," part } "]"       the entries of a list with these members
 *     part     = ( name | quoted ) "=" ( text | quoted )
 *
 * Quotes are single or double; inside them, and in a plain key, a backslash takes the next character as it is
 * (`metadata.labels.app\.kubernetes\.io/name`, as kubectl writes it).
 *
 * Invariant: `parseFieldPath(formatFieldPath(path))` equals `path` for every path that is not empty.
 */
import { QueryError } from './errors.ts';

/** The member of an object with this key. Applied to a list it goes through all entries. */
export interface KeyStep {
  readonly type: 'key';
  readonly key: string;
}

/** The entry of a list at this position. */
export interface IndexStep {
  readonly type: 'index';
  readonly index: number;
}

/** The entries of a list that have all these members. Values are compared by their text. */
export interface SelectorStep {
  readonly type: 'selector';
  readonly parts: readonly SelectorPart[];
}

export interface SelectorPart {
  readonly key: string;
  readonly value: string;
}

export type FieldStep = KeyStep | IndexStep | SelectorStep;

/** A path through a content. */
export type FieldPath = readonly FieldStep[];

/** How long a path may be, as text. The longest path of a built-in kind has some 150 characters. */
export const FIELD_PATH_CHARACTERS_MAX = 2000;

/** Keys that are written without quotes. More of them are understood. */
const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

/** A step to the member with this key. */
export function keyStep(key: string): KeyStep {
  return { type: 'key', key };
}

/**
 * The steps of a path.
 * @throws QueryError FIELD_MALFORMED with the position and what was expected there
 */
export function parseFieldPath(text: string, parameter = 'field'): FieldPath {
  const scanner = new Scanner(text, parameter);
  if (text.length > FIELD_PATH_CHARACTERS_MAX) {
    scanner.fail(`at most ${FIELD_PATH_CHARACTERS_MAX} characters`, FIELD_PATH_CHARACTERS_MAX);
  }
  scanner.take('.');
  const steps: FieldStep[] = [scanner.take('[') ? parseBracket(scanner) : parseKey(scanner)];
  while (!scanner.atEnd()) {
    if (scanner.take('.')) steps.push(parseKey(scanner));
    else if (scanner.take('[')) steps.push(parseBracket(scanner));
    else scanner.fail('"." or "[" or the end; a key with other characters is written [\'like this\']');
  }
  return steps;
}

/** The path as text. Keys and values are quoted only where they must be. */
export function formatFieldPath(path: FieldPath): string {
  return path.map((step, position) => formatStep(step, position === 0)).join('');
}

/**
 * The name to be looked for at any depth, if the path is a bare attribute name: one key alone. `spec` and `metadata` are
 * no such names: they mean the content's own.
 */
export function bareName(path: FieldPath): string | undefined {
  const [step] = path;
  if (path.length !== 1 || step?.type !== 'key') return undefined;
  return step.key === 'spec' || step.key === 'metadata' ? undefined : step.key;
}

function parseKey(scanner: Scanner): KeyStep {
  const raw = scanner.match(/(?:\\.|[^.[\]'"\\=,\s])+/y);
  if (raw === undefined) return scanner.fail('a key, as in spec.replicas');
  return keyStep(raw.replaceAll(/\\(.)/g, '$1'));
}

/** What follows a `[` that was taken. */
function parseBracket(scanner: Scanner): FieldStep {
  const digits = scanner.match(/[0-9]{1,9}(?=\])/y);
  if (digits !== undefined) {
    scanner.take(']');
    return { type: 'index', index: Number(digits) };
  }
  const quoted = parseQuoted(scanner);
  if (quoted !== undefined && scanner.take(']')) return keyStep(quoted);
  const parts = [parsePart(scanner, quoted)];
  while (scanner.take(',')) parts.push(parsePart(scanner, parseQuoted(scanner)));
  if (!scanner.take(']')) scanner.fail('"," or "]"');
  return { type: 'selector', parts };
}

function parsePart(scanner: Scanner, quotedKey: string | undefined): SelectorPart {
  const key = quotedKey ?? scanner.match(/[^=,\]['"\s*]+/y);
  if (key === undefined) {
    return scanner.fail(
      "a position [0], a member [name=web] or a key ['app.conf']; for all entries, no brackets",
    );
  }
  if (!scanner.take('=')) scanner.fail(quotedKey === undefined ? '"="' : '"]" or "="');
  const value = parseQuoted(scanner) ?? scanner.match(/[^,\]['"]+/y);
  return value === undefined ? scanner.fail('a value') : { key, value };
}

function parseQuoted(scanner: Scanner): string | undefined {
  const quote = scanner.take("'") ? "'" : scanner.take('"') ? '"' : undefined;
  if (quote === undefined) return undefined;
  const raw = scanner.match(quote === "'" ? /(?:\\[^]|[^'\\])*/y : /(?:\\[^]|[^"\\])*/y) ?? '';
  if (!scanner.take(quote)) scanner.fail(`the closing ${quote}`);
  return raw.replaceAll(/\\([^])/g, '$1');
}

function formatStep(step: FieldStep, first: boolean): string {
  if (step.type === 'index') return `[${step.index}]`;
  if (step.type === 'selector') return `[${step.parts.map(formatPart).join(',')}]`;
  if (!PLAIN_KEY.test(step.key)) return `[${quoteText(step.key)}]`;
  return first ? step.key : `.${step.key}`;
}

function formatPart({ key, value }: SelectorPart): string {
  const left = PLAIN_KEY.test(key) ? key : quoteText(key);
  const right = /^[\w./:@$+-]+$/.test(value) ? value : quoteText(value);
  return `${left}=${right}`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/** The text and how far it has been read. */
class Scanner {
  readonly #text: string;
  readonly #parameter: string;
  #position = 0;

  constructor(text: string, parameter: string) {
    this.#text = text;
    this.#parameter = parameter;
  }

  atEnd(): boolean {
    return this.#position === this.#text.length;
  }

  take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position += 1;
    return true;
  }

  /** What the sticky pattern matches here, if anything. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    this.#position += found?.length ?? 0;
    return found;
  }

  fail(expected: string, position = this.#position): never {
    const shown = this.#text.length > 200 ? `${this.#text.slice(0, 200)}…` : this.#text;
    throw new QueryError(
      'FIELD_MALFORMED',
      `${this.#parameter} "${shown}" is not a field path: expected ${expected} at character ${position + 1}`,
      { parameter: this.#parameter, position },
    );
  }
}
