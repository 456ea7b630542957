/**
 * Bytes to JSON documents, by stream-json, for what is not written a line an event: EventLists, arrays, pretty-printed and
 * concatenated events.
 *
 * A list is never held whole: each element of a top-level array, and of a top-level object's `items`, is a value of its
 * own as soon as it is complete.
 *
 * States: parsing; recovering (after a fault: what is left of a damaged list is read value by value, the separators
 * between them are passed over, and only values that look like events count, so that fragments of what was damaged do
 * not); skipping (on the way to the next line that begins with `{` or `[`, where recovering goes on). A fault returns to the
 * value that it was found in, as a torn value takes the next ones for its own members.
 * Invariants: any chunking of the same bytes yields the same values; one damaged stretch is rejected once; the text of
 * the open value is held, and no more than the limit of it.
 */
import { StringDecoder } from 'node:string_decoder';
import { isMany, none } from 'stream-chain/core';
import { jsonParser, type Token } from 'stream-json/core/parser.js';
import { isObject, JsonTooDeep, type JsonValue, member } from '../model/json.ts';
import type { Rejection } from '../model/source-status.ts';
import { withoutBom } from './format.ts';
import { ValueCollector } from './value-collector.ts';

/**
 * How much text the tokenizer is given at a time. Where it finds a fault, what it had made of the same piece is gone, so
 * that a piece ends where a value may end, and with a line at the latest.
 */
const PIECE_LENGTH_MAX = 4096;
const PIECE_END = /[}\]\n]/g;

/** How often one damaged stretch is read anew; each time may cost as much as the longest value. */
const REWINDS_MAX = 16;

/** Members that a list has beside its items: no event is lost where only these are passed over. */
const LIST_MEMBERS =
  /^(?:"(?:kind"\s*:\s*"EventList"|(?:apiVersion|metadata|resourceVersion|selfLink)"\s*:\s*(?:"[^"]*"|\{|null))[\s,\]}]*)+$/;

/** Splits one file's bytes into the JSON values that may be events. */
export class DocumentSplitter {
  readonly #valueLengthMax: number;
  readonly #reject: (reason: Rejection) => void;
  readonly #decoder = new StringDecoder('utf8');
  #parser = newParser();
  #values = new ValueCollector();
  #state: 'parsing' | 'recovering' | 'skipping' = 'parsing';
  #atLineStart = true;
  #atFileStart = true;
  /** What has no piece's end yet. */
  #rest = '';
  /** The pieces of the open value, and whether it began within a document. */
  #held: string[] = [];
  #heldLength = 0;
  #isElement = false;
  /** Whether the damage at hand has been counted; an event behind it ends it. */
  #isCounted = false;
  #rewindsLeft = REWINDS_MAX;
  #complete: JsonValue[] = [];

  /** @param reject told of each damaged stretch, and of each value longer than the limit (in UTF-16 code units) */
  constructor(valueLengthMax: number, reject: (reason: Rejection) => void) {
    this.#valueLengthMax = valueLengthMax;
    this.#reject = reject;
  }

  /** The values that these bytes complete. */
  push(bytes: Buffer): JsonValue[] {
    const decoded = this.#decoder.write(bytes);
    const text = this.#atFileStart ? withoutBom(decoded) : decoded;
    if (decoded !== '') this.#atFileStart = false;
    this.#text(this.#rest + text);
    return this.#take();
  }

  /** The values that the end of the file completes. What is unfinished is counted as malformed. */
  end(): JsonValue[] {
    this.#text(this.#rest + this.#decoder.end());
    if (this.#rest !== '') this.#piece(this.#rest);
    this.#rest = '';
    while (this.#values.isOpen) this.#fault('malformed');
    return this.#take();
  }

  #take(): JsonValue[] {
    const values = this.#complete;
    this.#complete = [];
    return values;
  }

  /** Reads the whole pieces of a text. */
  #text(text: string): void {
    let start = 0;
    for (let end = pieceEnd(text, start); end !== undefined; end = pieceEnd(text, start)) {
      this.#piece(text.slice(start, end));
      start = end;
    }
    this.#rest = text.slice(start);
  }

  #piece(piece: string): void {
    const mayResume = this.#atLineStart && /^\s*[[{]/.test(piece);
    this.#atLineStart = piece.endsWith('\n');
    if (this.#state === 'skipping') {
      if (!mayResume) return;
      this.#state = 'recovering';
    }
    if (this.#state === 'parsing' || this.#values.isOpen) return this.#parse(piece);
    const rest = piece.replace(/^[\s,\]}]+/, '');
    if (rest === '') return;
    if (/^[[{]/.test(rest)) return this.#parse(rest);
    if (!LIST_MEMBERS.test(rest)) this.#countDamage('malformed');
    this.#state = 'skipping';
  }

  #parse(piece: string): void {
    if (this.#held.length === 0) this.#isElement = this.#values.isOpen;
    this.#held.push(piece);
    this.#heldLength += piece.length;
    let tokens: readonly Token[];
    try {
      tokens = this.#parser(piece);
      for (const token of tokens) this.#values.token(token);
    } catch (error) {
      return this.#fault(error instanceof JsonTooDeep ? 'too-deep' : 'malformed');
    }
    this.#keep();
    // Without a token, the tokenizer itself may be amid a value.
    if (!this.#values.isInside && (tokens.length > 0 || /^[\s,]*$/.test(piece))) this.#release();
    else if (this.#heldLength > this.#valueLengthMax) return this.#fault('over-long');
    if (this.#state === 'recovering' && !this.#values.isOpen) this.#parser = newParser();
  }

  #keep(): void {
    for (const value of this.#values.take()) {
      if (this.#state !== 'parsing') {
        if (!isLikeEvent(value)) continue;
        this.#isCounted = false;
        this.#rewindsLeft = REWINDS_MAX;
      }
      this.#complete.push(value);
    }
  }

  #release(): readonly string[] {
    const held = this.#held;
    this.#held = [];
    this.#heldLength = 0;
    return held;
  }

  #countDamage(reason: Rejection): void {
    if (!this.#isCounted) this.#reject(reason);
    this.#isCounted = true;
  }

  #fault(reason: Rejection): void {
    this.#keep();
    this.#countDamage(reason);
    // Where something else may have been the fault (a comma that was missing), the same value is tried on its own.
    const again = this.#isElement || this.#state === 'parsing';
    const held = this.#release();
    this.#parser = newParser();
    this.#values.reset();
    this.#state = 'skipping';
    if (reason !== 'malformed' || this.#rewindsLeft === 0) return;
    this.#rewindsLeft -= 1;
    if (again) this.#state = 'recovering';
    else this.#atLineStart = held[0]?.endsWith('\n') ?? this.#atLineStart;
    for (const piece of again ? held : held.slice(1)) this.#piece(piece);
  }
}

function isLikeEvent(value: JsonValue): boolean {
  return isObject(value) && (member(value, 'auditID') !== undefined || member(value, 'kind') === 'EventList');
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

/** Where the piece that begins at `start` ends; undefined where that must be seen from more text. */
function pieceEnd(text: string, start: number): number | undefined {
  PIECE_END.lastIndex = start;
  const end = PIECE_END.exec(text)?.index ?? text.length;
  if (end - start >= PIECE_LENGTH_MAX) return start + PIECE_LENGTH_MAX;
  return end === text.length ? undefined : end + 1;
}
