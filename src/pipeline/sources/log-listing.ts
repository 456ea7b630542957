/**
 * The files of one log as they stand in the folder, oldest first.
 *
 * A rotation in the middle of a listing can hide a file: its old name was looked at before, its new one after. So a
 * listing counts only when a second one finds the same files under the same names.
 */
import { join } from 'node:path';
import { isMissing } from './errors.ts';
import type { FileInfo, FileSystem } from './file-system.ts';
import { orderNames, type LogMember } from './log-set.ts';

/** One log in one folder. */
export interface LogSet {
  readonly directory: string;
  readonly base: string;
  /** Whether the base belongs to it: not where only backups were asked for, which do not grow. */
  readonly live: boolean;
  includes(name: string): boolean;
}

export interface LogFile {
  readonly name: string;
  readonly path: string;
  readonly info: FileInfo;
  /** Whether nobody writes to it any more. */
  readonly closed: boolean;
}

const ATTEMPTS_MAX = 5;

/** The files of the log; none where the folder does not exist. */
export async function listLog(fileSystem: FileSystem, set: LogSet): Promise<LogFile[]> {
  let files = await listOnce(fileSystem, set);
  for (let attempt = 1; attempt < ATTEMPTS_MAX; attempt++) {
    const again = await listOnce(fileSystem, set);
    const same = placesOf(files) === placesOf(again);
    files = again;
    if (same) break;
  }
  return files;
}

async function listOnce(fileSystem: FileSystem, set: LogSet): Promise<LogFile[]> {
  const names = await fileSystem.names(set.directory).catch(noneIfMissing);
  const found = await Promise.all(
    membersOf(set, names).map(async (member) => {
      const info = await fileSystem.info(join(set.directory, member.name)).catch(undefinedIfMissing);
      return toFile(set, member, info);
    }),
  );
  return found.filter((file) => file !== undefined);
}

/** The same without waiting, for whoever asks how far the log is read; a single listing. */
export function listLogNow(fileSystem: FileSystem, set: LogSet): LogFile[] {
  const files: LogFile[] = [];
  for (const member of membersOf(set, fileSystem.namesNow(set.directory))) {
    let info: FileInfo | undefined;
    try {
      info = fileSystem.infoNow(join(set.directory, member.name));
    } catch (error) {
      undefinedIfMissing(error);
    }
    const file = toFile(set, member, info);
    if (file !== undefined) files.push(file);
  }
  return files;
}

function membersOf(set: LogSet, names: readonly string[]): LogMember[] {
  return orderNames(names.filter((name) => set.includes(name)));
}

function toFile(set: LogSet, member: LogMember, info: FileInfo | undefined): LogFile | undefined {
  if (info?.kind !== 'file') return undefined;
  const path = join(set.directory, member.name);
  return { name: member.name, path, info, closed: member.parsed.closed || !set.live };
}

function placesOf(files: readonly LogFile[]): string {
  return files.map((file) => `${file.name}\0${file.info.id}`).join('\0');
}

function noneIfMissing(error: unknown): string[] {
  if (isMissing(error)) return [];
  throw error;
}

function undefinedIfMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}
