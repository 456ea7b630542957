/**
 * How far a content was handed on: it outlives the file it was read from, which may be renamed, copied or compressed.
 */
import type { Known } from './ledger.ts';
import type { Head } from './head-digest.ts';
import type { BytesChunk, EndOfFile } from './source.ts';

const LF = 0x0a;

export class Reading {
  /** The name of the file when it was begun. */
  readonly name: string;
  head: Head;
  #offset: number;
  #lineStart: number;
  #handedOn = false;

  constructor(name: string, head: Head, offset: number) {
    this.name = name;
    this.head = head;
    this.#offset = offset;
    this.#lineStart = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Whether there were bytes; if not, nobody knows of it, and it needs no end. */
  get handedOn(): boolean {
    return this.#handedOn;
  }

  /** The bytes that follow, as a chunk. */
  handOn(bytes: Buffer): BytesChunk {
    const offset = this.#offset;
    const lineEnd = bytes.lastIndexOf(LF);
    if (lineEnd !== -1) this.#lineStart = offset + lineEnd + 1;
    this.#offset += bytes.length;
    this.#handedOn = true;
    return { type: 'bytes', file: this.name, offset, bytes };
  }

  /** A hole turned out to be in front of a content of which nothing was handed on. */
  skipTo(offset: number): void {
    if (this.#handedOn || offset <= this.#offset) return;
    this.#offset = offset;
    this.#lineStart = offset;
  }

  end(torn: boolean): EndOfFile {
    return { type: 'end', file: this.name, torn };
  }

  known(done: boolean): Known {
    return { lengthBytes: this.#offset, lineStart: this.#lineStart, done };
  }
}
