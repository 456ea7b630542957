/**
 * How much of the logs is in an answer.
 *
 * kube-apiserver has written the event of a request before it hands the request on, so at the moment of a request something is
 * nearly always unread. An answer waits shortly for what stood in the logs when its request came; so it holds whatever its asker
 * did before. Only where that takes too long, as while old logs are being read, the answer says how much it lacks.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reader } from '../model/reader.ts';
import type { SourceStatus } from '../model/source-status.ts';

/** Reading a log that is followed takes a few milliseconds; nobody notices a wait of this length. */
const WAIT_MS_MAX = 500;
const LOOK_MS = 10;
/** More than this is not read in so short a time. */
const BEHIND_BYTES_MAX = 1 << 20;

type Sources = Pick<Reader, 'sources'>;

/** Where the sources of one reader stand, for all requests of an app. */
export class CatchUp {
  readonly #reader: Sources;
  readonly #waitMsMax: number;
  #next: Promise<readonly SourceStatus[]> | undefined;

  constructor(reader: Sources, waitMsMax = WAIT_MS_MAX) {
    this.#reader = reader;
    this.#waitMsMax = waitMsMax;
  }

  /**
   * Waits until what is in the logs now is in the index, or for as long as makes sense.
   * @returns what to tell the client, in ASCII; undefined where nothing is missing
   */
  async wait(signal: AbortSignal | undefined): Promise<string | undefined> {
    let sources = this.#reader.sources();
    // By its place: a source that comes meanwhile is not waited for.
    const wanted = sources.map(({ bytesRead, bytesBehind }) => bytesRead + bytesBehind);
    const endMs = performance.now() + this.#waitMsMax;
    for (;;) {
      const missing = sources.reduce((sum, source, at) => sum + missingBytes(source, wanted[at] ?? 0), 0);
      if (missing === 0) return undefined;
      if (missing > BEHIND_BYTES_MAX || performance.now() >= endMs || signal?.aborted === true) {
        return `still reading: ${missing} bytes of the audit logs are not in this answer yet`;
      }
      sources = await this.#nextLook();
    }
  }

  /** One look at the disk serves all who wait. */
  #nextLook(): Promise<readonly SourceStatus[]> {
    this.#next ??= sleep(LOOK_MS).then(() => {
      this.#next = undefined;
      return this.#reader.sources();
    });
    return this.#next;
  }
}

function missingBytes({ bytesRead, bytesBehind }: SourceStatus, wanted: number): number {
  return Math.min(bytesBehind, Math.max(0, wanted - bytesRead));
}
