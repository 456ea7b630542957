/**
 * Bytes to lines, by split2.
 *
 * States: reading; skipping (the line passed lineLengthMax: everything up to the next newline is dropped, the line is
 * counted once). Invariants: any chunking of the same bytes yields the same lines; `heldBytes` is what was given since
 * the last newline.
 *
 * split2 scans a line that it holds anew with each chunk: chunks of 1 MiB keep lines of many megabytes cheap.
 */
import split2 from 'split2';

const LF = 0x0a;
const NEWLINE = Buffer.from('\n');

/** Splits one file's bytes into lines, without their newlines. */
export class LineSplitter {
  readonly #lineLengthMax: number;
  readonly #splitter: ReturnType<typeof split2>;
  /** Lines that were longer than the limit so far. */
  overLongCount = 0;
  /** Bytes given since the last newline. */
  heldBytes = 0;

  /** @param lineLengthMax in UTF-16 code units: a line of that many bytes always passes */
  constructor(lineLengthMax: number) {
    this.#lineLengthMax = lineLengthMax;
    this.#splitter = split2('\n', (line: string) => line, { maxLength: lineLengthMax, skipOverflow: true });
  }

  /** The lines that these bytes complete. */
  push(bytes: Buffer): string[] {
    const lastNewline = bytes.lastIndexOf(LF);
    const wasSkipping = this.#splitter.overflow;
    this.heldBytes = lastNewline === -1 ? this.heldBytes + bytes.length : bytes.length - lastNewline - 1;
    this.#splitter.write(bytes);
    if (this.#splitter.overflow && (!wasSkipping || lastNewline !== -1)) this.overLongCount += 1;
    return this.#take();
  }

  /** The last line, where the bytes did not end with a newline. */
  end(): string[] {
    return this.heldBytes === 0 ? [] : this.push(NEWLINE);
  }

  #take(): string[] {
    const lines: string[] = [];
    for (let line = this.#next(); line !== undefined; line = this.#next()) {
      // split2 limits what it holds; a line that came whole within one chunk is measured here.
      if (line.length > this.#lineLengthMax) this.overLongCount += 1;
      else lines.push(line);
    }
    return lines;
  }

  #next(): string | undefined {
    const line: unknown = this.#splitter.read();
    return typeof line === 'string' ? line : undefined;
  }
}
