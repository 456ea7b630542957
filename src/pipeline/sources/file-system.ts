/**
 * The handful of calls by which sources see files, so that tests can put faults between.
 *
 * A file is known by `id` (device and inode) while somebody holds it open; after that the inode may be another file's.
 */
import { fstatSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';

export interface FileInfo {
  /** Device and inode: bigints as text, since inodes pass 2^53 on some file systems. */
  readonly id: string;
  readonly sizeBytes: number;
  readonly modifiedNs: bigint;
  /** `stream`: a pipe, socket or terminal, which can be read only once. */
  readonly kind: 'file' | 'directory' | 'stream' | 'other';
}

/** A file held open for reading. */
export interface OpenFile {
  /** Reads from `position` until `into` is full or the file ends; returns how many bytes it read. */
  read(into: Buffer, position: number): Promise<number>;
  info(): Promise<FileInfo>;
  infoNow(): FileInfo;
  close(): Promise<void>;
}

export interface FileSystem {
  open(path: string): Promise<OpenFile>;
  info(path: string): Promise<FileInfo>;
  infoNow(path: string): FileInfo;
  names(directory: string): Promise<string[]>;
  namesNow(directory: string): string[];
}

/** The real one. */
export const nodeFileSystem: FileSystem = {
  open: async (path) => openFile(await open(path, 'r')),
  info: async (path) => fileInfo(await stat(path, { bigint: true })),
  infoNow: (path) => fileInfo(statSync(path, { bigint: true })),
  names: async (directory) => readdir(directory),
  namesNow: (directory) => readdirSync(directory),
};

function openFile(handle: FileHandle): OpenFile {
  return {
    async read(into, position) {
      let filled = 0;
      while (filled < into.length) {
        const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    info: async () => fileInfo(await handle.stat({ bigint: true })),
    infoNow: () => fileInfo(fstatSync(handle.fd, { bigint: true })),
    close: async () => handle.close(),
  };
}

function fileInfo(stats: BigIntStats): FileInfo {
  return {
    id: `${stats.dev}:${stats.ino}`,
    sizeBytes: Number(stats.size),
    modifiedNs: stats.mtimeNs,
    kind: kindOf(stats),
  };
}

function kindOf(stats: BigIntStats): FileInfo['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isFIFO() || stats.isSocket() || stats.isCharacterDevice() ? 'stream' : 'other';
}
