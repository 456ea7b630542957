/**
 * Takes what a stream has, without waiting longer than one likes, and holds it until it is wanted.
 *
 * Invariant: `heldBytes` is the sum of what is held. After the abort the stream counts as ended.
 */
import type { Readable } from 'node:stream';

/** Nothing came in time. */
export const IDLE = Symbol('idle');

export class StreamPuller {
  readonly #stream: Readable;
  readonly #signal: AbortSignal;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #pulledBytes = 0;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Readable, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    stream.on('readable', this.#notice);
    stream.on('end', this.#finish);
    stream.on('close', this.#finish);
    stream.on('error', this.#fail);
    signal.addEventListener('abort', this.#notice);
  }

  /** What came out of the stream so far. */
  get pulledBytes(): number {
    return this.#pulledBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What waits in the stream. */
  get waitingBytes(): number {
    return this.#stream.readableLength;
  }

  /**
   * Adds what the stream has to what is held.
   * @returns how many bytes came; undefined at the end
   */
  async pull(waitMs: number): Promise<number | typeof IDLE | undefined> {
    let waited = false;
    for (;;) {
      if (this.#signal.aborted) return undefined;
      const piece: unknown = this.#stream.read();
      if (Buffer.isBuffer(piece)) {
        this.#held.push(piece);
        this.#heldBytes += piece.length;
        this.#pulledBytes += piece.length;
        return piece.length;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return undefined;
      if (waited) return IDLE;
      waited = await this.#sleep(waitMs);
    }
  }

  firstHeld(): Buffer {
    return Buffer.concat(this.#held, this.#heldBytes);
  }

  take(): Buffer {
    const bytes = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return bytes;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#notice);
    // The listener for errors stays: destroying may give one, which would end the process if nobody heard it.
    this.#stream.destroy();
  }

  /** @returns whether the time ran out */
  async #sleep(waitMs: number): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        this.#wake = undefined;
        resolve(true);
      }, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(false);
      };
    });
  }

  readonly #notice = (): void => this.#wake?.();

  readonly #finish = (): void => {
    this.#ended = true;
    this.#notice();
  };

  readonly #fail = (error: Error): void => {
    this.#failure = error;
    this.#notice();
  };
}
