/**
 * A large log to read, made of a recording over and over: two rotated files, of which the older is compressed, and the one
 * that is being written. It can be made to grow for as long as there must be something to read.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { amplify, readLines } from '../../../bench/amplify.ts';
import { LogWriter } from '../log-writer.ts';

/** E2E_RECORDING names a larger recording, of which less or nothing need be repeated. */
const RECORDING =
  process.env['E2E_RECORDING'] ?? join(import.meta.dirname, '../../../fixtures/payments-week.log.gz');
/** kube-apiserver's `--audit-log-maxsize` by default. */
const ROTATE_BYTES = 100_000_000;
const WRITE_LINES = 1000;
const GROW_BYTES = 50_000_000;

export class ReplayLog {
  /** For --audit-log. */
  readonly path: string;
  readonly #more: Buffer;

  private constructor(path: string, more: Buffer) {
    this.path = path;
    this.#more = more;
  }

  /** Writes so many bytes of log into an empty folder. */
  static async write(folder: string, bytes: number): Promise<ReplayLog> {
    const recording = await readLines(RECORDING);
    const writer = new LogWriter(folder, ROTATE_BYTES);
    let pending: string[] = [];
    for (const line of amplify(recording, bytes, 'payments')) {
      pending.push(line);
      if (pending.length < WRITE_LINES) continue;
      await writer.write(pending);
      pending = [];
    }
    await writer.write(pending);
    await writer.close();
    const copy = Buffer.from(recording.map((line) => `${line}\n`).join(''));
    const copies = Array.from({ length: Math.ceil(GROW_BYTES / copy.length) }, () => copy);
    return new ReplayLog(writer.path, Buffer.concat(copies));
  }

  /** Adds 50 MB. The same lines as the last time are duplicates to who has them, and must be read all the same. */
  async grow(): Promise<void> {
    await appendFile(this.path, this.#more);
  }
}
