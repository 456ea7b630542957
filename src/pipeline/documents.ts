/**
 * Bytes to JSON documents, by stream-json, for what is not written a line an event: EventLists, arrays, pretty-printed and
 * concatenated events.
 *
 * A list is never held whole: each element of a top-level array, and of a top-level object's `items`, is a value of its
 * own as soon as it is complete. States: parsing; skipping (after a fault, up to the next line that begins with `{` or `[`
 * in its first column, where a new document may begin: the stretch between is counted once).
 */
import { StringDecoder } from 'node:string_decoder';
import { isMany, none } from 'stream-chain/core';
import { jsonParser, type Token } from 'stream-json/core/parser.js';
import type { JsonValue } from '../model/json.ts';
import { withoutBom } from './format.ts';
import { ValueCollector } from './value-collector.ts';

/**
 * How much text the tokenizer is given at a time. Where it finds a fault, what it had made of the same piece is gone: the
 * piece is a line, or this much of a longer one.
 */
const PIECE_LENGTH_MAX = 4096;

/** Splits one file's bytes into the JSON values that may be events. */
export class DocumentSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #parser = newParser();
  #values = new ValueCollector();
  #skipping = false;
  #atLineStart = true;
  #atFileStart = true;
  /** Stretches of the file that were no JSON so far. */
  malformedCount = 0;

  /** The values that these bytes complete. */
  push(bytes: Buffer): JsonValue[] {
    const decoded = this.#decoder.write(bytes);
    const text = this.#atFileStart ? withoutBom(decoded) : decoded;
    if (decoded !== '') this.#atFileStart = false;
    for (const piece of pieces(text)) this.#piece(piece);
    return this.#values.take();
  }

  /** The values that the end of the file completes. What is unfinished is counted as malformed. */
  end(): JsonValue[] {
    for (const piece of pieces(this.#decoder.end())) this.#piece(piece);
    // A number at top level ends with the file only; an object that has not ended is a fault.
    if (!this.#skipping && this.#values.isOpen) this.malformedCount += 1;
    this.#values.reset();
    return this.#values.take();
  }

  #piece(piece: string): void {
    if (this.#skipping && this.#atLineStart && /^[[{]/.test(piece)) this.#skipping = false;
    this.#atLineStart = piece.endsWith('\n');
    if (this.#skipping) return;
    try {
      for (const token of this.#parser(piece)) this.#values.token(token);
    } catch {
      this.malformedCount += 1;
      this.#skipping = true;
      this.#parser = newParser();
      this.#values.reset();
    }
  }
}

/** A tokenizer: throws where the text is no JSON. */
function newParser(): (text: string) => readonly Token[] {
  const parse = jsonParser({ jsonStreaming: true, packValues: true, streamValues: false });
  return (text) => {
    const output = parse(text);
    if (output === none) return [];
    return isMany(output) ? output.values : [output];
  };
}

function* pieces(text: string): Iterable<string> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = Math.min(newline === -1 ? text.length : newline + 1, start + PIECE_LENGTH_MAX);
    yield text.slice(start, end);
    start = end;
  }
}
