/**
 * Writes an audit log as kube-apiserver does: whole lines, one file, renamed to `NAME-TIME.log` at a size and begun anew
 * (gopkg.in/natefinch/lumberjack.v2), the older files compressed.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

export class LogWriter {
  readonly #folder: string;
  readonly #fileBytesMax: number;
  #file: FileHandle | undefined;
  #fileBytes = 0;
  #rotations = 0;
  /** Lines written so far. */
  lineCount = 0;
  /** Backups so far, oldest first, as they are named now. */
  readonly backups: string[] = [];

  constructor(folder: string, fileBytesMax: number) {
    this.#folder = folder;
    this.#fileBytesMax = fileBytesMax;
  }

  get path(): string {
    return join(this.#folder, 'audit.log');
  }

  get rotationCount(): number {
    return this.#rotations;
  }

  /** Appends lines in one write, as a buffered backend does; rotates first where the file would grow too large. */
  async write(lines: readonly string[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    if (this.#fileBytes > 0 && this.#fileBytes + bytes.length > this.#fileBytesMax) await this.#rotate();
    this.#file ??= await open(this.path, 'a');
    await this.#file.appendFile(bytes);
    this.#fileBytes += bytes.length;
    this.lineCount += lines.length;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #rotate(): Promise<void> {
    await this.close();
    this.#rotations += 1;
    const time = new Date(Date.UTC(2026, 10, 22, 9, this.#rotations, 0, 278));
    const stamp = time.toISOString().replaceAll(':', '-').replace('Z', '');
    const backup = join(this.#folder, `audit-${stamp}.log`);
    await rename(this.path, backup);
    this.#fileBytes = 0;
    this.backups.push(backup);
    // Every other backup is compressed, as soon as there is a newer one.
    const older = this.backups.at(-2);
    if (older !== undefined && this.#rotations % 2 === 0) await this.#compress(older);
  }

  async #compress(backup: string): Promise<void> {
    await pipeline(createReadStream(backup), createGzip({ level: 1 }), createWriteStream(`${backup}.gz`));
    await rm(backup);
    this.backups[this.backups.indexOf(backup)] = `${backup}.gz`;
  }
}
