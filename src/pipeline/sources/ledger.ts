/**
 * What was read already: by file, so that a look need not open every backup again, and by identity, so that a backup
 * that was compressed, copied or renamed meanwhile is not read twice.
 *
 * Invariant: a file counts as seen only with the size and time it was seen with. A reused inode has others.
 */
import type { FileInfo } from './file-system.ts';

/** How much of a content was handed on. */
export interface Known {
  readonly lengthBytes: number;
  /** Where the last line begins whose end was not seen: a longer copy is read on from there, not from within the line. */
  readonly lineStart: number;
  /** Whether that was all of it, as opposed to a torn archive or a log that was truncated before its copy was found. */
  readonly done: boolean;
}

/** Ten thousand rotations: the file of an identity that old was seen under its name, or is gone. */
const IDENTITIES_MAX = 10_000;

export class Ledger {
  #seen = new Map<string, FileInfo>();
  readonly #known = new Map<string, Known>();

  /** Whether the file was dealt with, and is unchanged since. */
  isSeen(info: FileInfo): boolean {
    const seen = this.#seen.get(info.id);
    return seen !== undefined && seen.sizeBytes === info.sizeBytes && seen.modifiedNs === info.modifiedNs;
  }

  see(info: FileInfo): void {
    this.#seen.set(info.id, info);
  }

  /** How many bytes of the file were not dealt with. */
  pendingBytes(info: FileInfo): number {
    const seen = this.#seen.get(info.id);
    return Math.max(0, info.sizeBytes - (seen?.sizeBytes ?? 0));
  }

  known(digest: string): Known | undefined {
    return this.#known.get(digest);
  }

  know(digest: string, known: Known): void {
    this.#known.delete(digest);
    this.#known.set(digest, known);
    if (this.#known.size <= IDENTITIES_MAX) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }

  /** Forgets the files that are not there any more, so that their inodes mean nothing. */
  keepOnly(infos: readonly FileInfo[]): void {
    const ids = new Set(infos.map((info) => info.id));
    this.#seen = new Map([...this.#seen].filter(([id]) => ids.has(id)));
  }
}
