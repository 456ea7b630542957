/**
 * One file's bytes to decoded events, whatever it is written in.
 *
 * States: looking (bytes are held until the format is told; at most FORMAT_HEAD_BYTES and a chunk), reading lines, reading
 * documents. Invariant: every line or document of the file becomes events or is counted under one rejection, and
 * `resumeOffset` is where reading could begin anew without losing or repeating a line.
 */
import type { AuditEvent } from '../model/event.ts';
import type { JsonValue } from '../model/json.ts';
import { JsonTooDeep, parseJson } from '../model/json.ts';
import type { Rejection } from '../model/source-status.ts';
import { decodeEvents } from './decode.ts';
import { DocumentSplitter } from './documents.ts';
import { recogniseFormat, withoutBom } from './format.ts';
import { LineSplitter } from './lines.ts';

/** What a piece of a file came to. */
export interface Records {
  readonly events: readonly AuditEvent[];
  readonly rejected: ReadonlyMap<Rejection, number>;
}

/** How long a line may be, in UTF-16 code units, unless told otherwise: two bodies of etcd's limit fit ten times over. */
export const LINE_LENGTH_MAX = 16 * 1024 * 1024;

/** Reads one file. */
export class RecordReader {
  readonly #lineLengthMax: number;
  #held: Buffer[] = [];
  #lines: LineSplitter | undefined;
  #documents: DocumentSplitter | undefined;
  #atFileStart = true;
  #offset: number;
  #events: AuditEvent[] = [];
  #rejected = new Map<Rejection, number>();

  /** @param offset where in the file the first bytes will stand */
  constructor(offset: number, options: { readonly lineLengthMax?: number | undefined } = {}) {
    this.#offset = offset;
    this.#lineLengthMax = options.lineLengthMax ?? LINE_LENGTH_MAX;
  }

  /** The end of the last whole line that was handed on. */
  get resumeOffset(): number {
    const heldBytes = this.#held.reduce((sum, piece) => sum + piece.length, 0);
    return this.#offset - heldBytes - (this.#lines?.heldBytes ?? 0);
  }

  /** The next bytes of the file. */
  push(bytes: Buffer): Records {
    this.#offset += bytes.length;
    this.#held.push(bytes);
    this.#read(false);
    return this.#take();
  }

  /** The end of the file: what was held back is whole now, or (`torn`) never will be and is counted as malformed. */
  end(torn = false): Records {
    this.#read(true);
    if (torn && this.#lines !== undefined) {
      if (this.#lines.heldBytes > 0) this.#reject('malformed');
    } else {
      this.#readLines((lines) => lines.end());
    }
    this.#readDocuments((documents) => documents.end());
    return this.#take();
  }

  #read(complete: boolean): void {
    if (this.#lines === undefined && this.#documents === undefined) {
      const format = recogniseFormat(Buffer.concat(this.#held), complete);
      if (format === 'lines') this.#lines = new LineSplitter(this.#lineLengthMax);
      else if (format === 'documents')
        this.#documents = new DocumentSplitter(this.#lineLengthMax, (reason) => this.#reject(reason));
      else return;
    }
    for (const bytes of this.#held) {
      this.#readLines((lines) => lines.push(bytes));
      this.#readDocuments((documents) => documents.push(bytes));
    }
    this.#held = [];
  }

  #readLines(read: (lines: LineSplitter) => readonly string[]): void {
    if (this.#lines === undefined) return;
    const before = this.#lines.overLongCount;
    for (const line of read(this.#lines)) this.#line(line);
    this.#reject('over-long', this.#lines.overLongCount - before);
  }

  #line(text: string): void {
    const line = this.#atFileStart ? withoutBom(text) : text;
    this.#atFileStart = false;
    if (line.trim() === '') return this.#reject('empty');
    try {
      this.#value(parseJson(line));
    } catch (error) {
      if (error instanceof JsonTooDeep) return this.#reject('too-deep');
      if (!(error instanceof SyntaxError)) throw error;
      const { values, isLoss } = gluedValues(line);
      if (isLoss) this.#reject('malformed');
      for (const value of values) this.#value(value);
    }
  }

  #readDocuments(read: (documents: DocumentSplitter) => readonly JsonValue[]): void {
    if (this.#documents === undefined) return;
    for (const value of read(this.#documents)) this.#value(value);
  }

  #value(value: JsonValue): void {
    for (const decoded of decodeEvents(value)) {
      if (typeof decoded === 'string') this.#reject(decoded);
      else this.#events.push(decoded);
    }
  }

  #reject(reason: Rejection, count = 1): void {
    if (count > 0) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }

  #take(): Records {
    const records = { events: this.#events, rejected: this.#rejected };
    this.#events = [];
    this.#rejected = new Map();
    return records;
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Where one event may end and the next begin on the same line. */
const SEAM = /(?<=\})\s*(?=\{)|(?=\{"kind":"Event","apiVersion":"audit\.k8s\.io\/)/g;

/** How many seams of a line may turn out to be none, from either side: each may cost as much as to parse the line. */
const FALSE_SEAMS_MAX = 32;

/**
 * The whole values of a line that has several, or torn ones beside: what a process that was killed amid a write, and then
 * started again, leaves. Only values in a row from the line's beginning, or up to its end, are taken: a body within a torn
 * event is neither.
 */
function gluedValues(line: string): { readonly values: readonly JsonValue[]; readonly isLoss: boolean } {
  const seams = [...line.matchAll(SEAM)].map(({ index }) => index).filter((index) => index > 0);
  if (seams.length === 0) return { values: [], isLoss: true };
  let start = 0;
  const first = valuesAt([...seams, line.length], (seam) => {
    const value = parsed(line.slice(start, seam));
    if (value !== undefined) start = seam;
    return value;
  });
  let end = line.length;
  const rest = seams.filter((seam) => seam > start).toReversed();
  const last = valuesAt(rest, (seam) => {
    const value = parsed(line.slice(seam, end));
    if (value !== undefined) end = seam;
    return value;
  });
  return { values: [...first, ...last.toReversed()], isLoss: start < end };
}

function valuesAt(seams: readonly number[], read: (seam: number) => JsonValue | undefined): JsonValue[] {
  const values: JsonValue[] = [];
  let left = FALSE_SEAMS_MAX;
  for (const seam of seams) {
    const value = read(seam);
    if (value !== undefined) values.push(value);
    else if (left === 0) break;
    else left -= 1;
  }
  return values;
}
