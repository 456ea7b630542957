/**
 * A stream as a source: standard input, or a named pipe. It can be read once, and nobody knows how much is to come.
 *
 * Small pieces are joined while they come quickly: a pipe gives 64 KiB at a time, and long lines want more. Archives are
 * recognised by their first bytes, as in files.
 */
import type { Readable } from 'node:stream';
import { describeFault, faultCode, sourceError } from './errors.ts';
import { CHUNK_BYTES, POLL_INTERVAL_MS } from './file-source.ts';
import {
  ArchiveError,
  decompress,
  isUndecided,
  recognise,
  regroup,
  type Compression,
} from './read-compressed.ts';
import type { Source, SourceItem, SourceProgress } from './source.ts';
import { IDLE, StreamPuller } from './stream-puller.ts';

export interface StreamSourceOptions {
  readonly name: string;
  readonly open: () => Readable;
  /** Where it follows, a stream that fails ends with a problem; else it throws. */
  readonly follow: boolean;
  readonly chunkBytes?: number | undefined;
  readonly pollIntervalMs?: number | undefined;
}

/** How long a piece waits for the next one to be joined with. */
const LINGER_MS = 20;
const CAUGHT_UP = { type: 'caught-up' } as const;

/** Standard input, called `-`. */
export function stdinSource(options: Omit<StreamSourceOptions, 'name' | 'open'>): Source {
  return new StreamSource({ ...options, name: '-', open: () => process.stdin });
}

export class StreamSource implements Source {
  readonly name: string;
  readonly #options: StreamSourceOptions;
  #puller: StreamPuller | undefined;
  #offset = 0;
  #problem: string | undefined;

  constructor(options: StreamSourceOptions) {
    this.name = options.name;
    this.#options = options;
  }

  progress(): SourceProgress {
    const pulled = this.#puller?.pulledBytes ?? 0;
    const held = this.#puller?.heldBytes ?? 0;
    return {
      bytesRead: pulled - held,
      bytesBehind: held + (this.#puller?.waitingBytes ?? 0),
      problem: this.#problem,
    };
  }

  /** May be asked for once. */
  async *items(signal: AbortSignal): AsyncGenerator<SourceItem, void> {
    if (this.#puller !== undefined) throw new Error(`the source ${this.name} is being read already`);
    const puller = new StreamPuller(this.#options.open(), signal);
    this.#puller = puller;
    let torn = false;
    try {
      const compression = yield* this.#sniff(puller);
      yield* compression === undefined ? this.#plain(puller) : this.#archive(puller, compression);
    } catch (error) {
      if (!(error instanceof ArchiveError)) {
        if (faultCode(error) === undefined) throw error;
        if (!this.#options.follow) throw sourceError(error, this.name);
      }
      torn = true;
      this.#problem =
        error instanceof ArchiveError ? `${this.name} ${error.message}` : describeFault(error, this.name);
    } finally {
      puller.close();
    }
    if (signal.aborted) return;
    if (this.#offset > 0) yield { type: 'end', file: this.name, torn };
    yield CAUGHT_UP;
  }

  /** Holds the first bytes until they tell what the stream is. */
  async *#sniff(puller: StreamPuller): AsyncGenerator<SourceItem, Compression | undefined> {
    for (;;) {
      if (!isUndecided(puller.firstHeld())) break;
      const piece = await puller.pull(this.#idleMs);
      if (piece === undefined) break;
      if (piece === IDLE) yield CAUGHT_UP;
    }
    const compression = recognise(puller.firstHeld());
    if (compression === 'bzip2' || compression === 'xz') {
      throw new ArchiveError(`is compressed with ${compression}: decompress it first`);
    }
    return compression;
  }

  async *#plain(puller: StreamPuller): AsyncGenerator<SourceItem, void> {
    const { chunkBytes = CHUNK_BYTES } = this.#options;
    for (;;) {
      if (puller.heldBytes >= chunkBytes) yield this.#handOn(puller.take());
      const piece = await puller.pull(puller.heldBytes > 0 ? LINGER_MS : this.#idleMs);
      if (piece !== undefined && piece !== IDLE) continue;
      if (puller.heldBytes > 0) yield this.#handOn(puller.take());
      else if (piece === IDLE) yield CAUGHT_UP;
      if (piece === undefined) return;
    }
  }

  async *#archive(puller: StreamPuller, compression: Compression): AsyncGenerator<SourceItem, void> {
    const { chunkBytes = CHUNK_BYTES } = this.#options;
    for await (const chunk of regroup(decompress(blocksOf(puller), compression), chunkBytes)) {
      yield this.#handOn(chunk);
    }
  }

  #handOn(bytes: Buffer): SourceItem {
    const offset = this.#offset;
    this.#offset += bytes.length;
    return { type: 'bytes', file: this.name, offset, bytes };
  }

  get #idleMs(): number {
    return this.#options.pollIntervalMs ?? POLL_INTERVAL_MS;
  }
}

async function* blocksOf(puller: StreamPuller): AsyncGenerator<Buffer> {
  for (;;) {
    if (puller.heldBytes > 0) yield puller.take();
    const piece = await puller.pull(POLL_INTERVAL_MS);
    if (piece === undefined) return;
  }
}
