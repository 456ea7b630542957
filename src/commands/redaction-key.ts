/**
 * The key of the digests that stand for redacted values. It lives in the data directory, so that equal values have equal
 * markers after a restart; without one it lives as long as the process.
 *
 * Whoever has it and the markers can try values. It is written once and never changed; who finds it there uses it.
 * Invariant: of several processes that start at once, one writes the key, and all use it.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KEY_BYTES } from '../pipeline/redact/marker.ts';
import { createRedactor, type Redactor } from '../pipeline/redact/redactor.ts';
import { UsageError } from './errors.ts';

const KEY_FILE = 'redaction.key';
/** Another process may take 2 s between making the file and writing it. */
const LOOKS_MAX = 100;
const LOOK_MS = 20;
/** Others than the owner and its group. A volume's group may read and write all its files where a pod has an fsGroup. */
const OTHERS = 0o007;

/**
 * What stands between the log and the index, for a command.
 * @throws UsageError where the key is not fit to be used
 */
export async function prepareRedactor(flags: {
  readonly dataDir?: string;
  readonly redactResource: readonly string[];
}): Promise<Redactor> {
  const key = flags.dataDir === undefined ? undefined : await redactionKey(flags.dataDir);
  return createRedactor({ resources: flags.redactResource, key });
}

/**
 * The key of a data directory, which must exist; made where there is none.
 * @param pause passes the time between two looks at a key that is being written
 * @throws UsageError where it cannot be read or written, is damaged, or everybody may read it
 */
export async function redactionKey(
  dataDir: string,
  pause: () => Promise<void> = () => sleep(LOOK_MS),
): Promise<Uint8Array> {
  const path = join(dataDir, KEY_FILE);
  try {
    return (await createKey(path, dataDir)) ?? (await readKey(path, pause));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the redaction key cannot be used: ${reason}`, { cause: error });
  }
}

/** undefined where there is a file already. */
async function createKey(path: string, dataDir: string): Promise<Uint8Array | undefined> {
  const file = await openNew(path);
  if (file === undefined) return undefined;
  const key = randomBytes(KEY_BYTES);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dataDir);
  return key;
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}

/** The file's name survives a crash only when its directory is written, too. Windows cannot be asked for that. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readKey(path: string, pause: () => Promise<void>): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) throw readableByOthers(path);
    return await readWhole(file, path, pause);
  } finally {
    await file.close();
  }
}

/** Another process may have made the file and not written it yet. */
async function readWhole(file: FileHandle, path: string, pause: () => Promise<void>): Promise<Uint8Array> {
  // One byte more than a key has tells a longer file.
  const bytes = Buffer.alloc(KEY_BYTES + 1);
  for (let looks = 1; ; looks += 1) {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    if (bytesRead === KEY_BYTES) return bytes.subarray(0, KEY_BYTES);
    if (bytesRead > KEY_BYTES || looks === LOOKS_MAX) throw damaged(path);
    await pause();
  }
}

function readableByOthers(path: string): UsageError {
  return new UsageError(
    `${path} can be read by everybody, and with it redacted values can be guessed: run chmod 600 ${path}; ` +
      'or remove it, if others may have read it: another key is made, and values redacted before cannot be compared with later ones',
  );
}

function damaged(path: string): UsageError {
  return new UsageError(
    `${path} is no redaction key (${KEY_BYTES} bytes): restore it from a backup; ` +
      'or remove it: another key is made, and values redacted before cannot be compared with later ones',
  );
}
