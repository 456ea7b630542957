/**
 * A large log to read, made of a recording over and over, with a huge event now and then: two rotated files, of which the
 * older is compressed, and the one that is being written. It can be made to grow for as long as there must be something to
 * read.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { amplify, readLines } from '../../../bench/amplify.ts';
import { stringifyJson, type JsonObject } from '../../../src/model/json.ts';
import { rawEvent } from '../../../src/testing/events.ts';
import { LogWriter } from '../log-writer.ts';

/** E2E_RECORDING names a larger recording, of which less or nothing need be repeated. */
const RECORDING =
  process.env['E2E_RECORDING'] ?? join(import.meta.dirname, '../../../fixtures/payments-week.log.gz');
/** kube-apiserver's `--audit-log-maxsize` by default. */
const ROTATE_BYTES = 100_000_000;
const WRITE_LINES = 1000;
const GROW_BYTES = 50_000_000;
const HUGE_EVERY_LINES = 20_000;
/** As much as a ConfigMap may hold. */
const TEXT_LENGTH = 1 << 20;
const SECRETS = 1000;

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
    let lines = 0;
    for (const line of amplify(recording, bytes, 'payments')) {
      pending.push(line);
      lines += 1;
      if (lines % HUGE_EVERY_LINES === 0) pending.push(...hugeEvents(lines));
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

/** What takes longest of what a cluster really writes: a large ConfigMap full of JSON, and the deletion of many Secrets. */
function hugeEvents(atSeconds: number): string[] {
  const entry = JSON.stringify({
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name: 'x' },
    data: { a: 'eA==' },
  });
  const configMap: JsonObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'huge', namespace: 'default', uid: 'uid-huge', resourceVersion: String(atSeconds) },
    data: { 'all.json': `[${Array.from({ length: TEXT_LENGTH / entry.length }, () => entry).join(',')}]` },
  };
  const items = Array.from({ length: SECRETS }, (_, index): JsonObject => {
    const annotations = { 'example.com/a': `a${index}`, 'example.com/b': `b${index}`, 'example.com/c': 'c' };
    const metadata = {
      name: `s${index}`,
      namespace: 'default',
      uid: `uid-${atSeconds}-${index}`,
      annotations,
    };
    return { metadata, data: { a: btoa(`a${index}`), b: btoa(`b${index}`), c: btoa('c') } };
  });
  const events = [
    { resource: 'configmaps', name: 'huge', verb: 'update', body: configMap },
    {
      resource: 'secrets',
      name: '',
      verb: 'deletecollection',
      body: { kind: 'SecretList', apiVersion: 'v1', items },
    },
  ];
  return events.map(({ resource, name, verb, body }) =>
    stringifyJson(
      rawEvent({
        verb,
        atSeconds,
        fields: {
          objectRef: { resource, name, namespace: 'default', apiVersion: 'v1' },
          responseObject: body,
        },
      }),
    ),
  );
}
