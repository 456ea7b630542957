/**
 * Hears of changes in a folder. Only a hint, to be quicker than the next poll: a watch that fails (no inotify watches
 * left, a network file system) is closed and says nothing, and the poll finds everything a little later.
 */
import { join, resolve } from 'node:path';
import { watch } from 'chokidar';

export interface DirectoryWatch {
  close(): Promise<void>;
}

/**
 * Calls `changed` when a file of the folder whose name `includes` is there anew, written to or gone;
 * `folderChanged` unless it was only written to.
 */
export type WatchDirectory = (
  directory: string,
  includes: (name: string) => boolean,
  changed: (folderChanged: boolean) => void,
) => DirectoryWatch;

/** The real one. */
export function watchDirectory(
  directory: string,
  includes: (name: string) => boolean,
  changed: (folderChanged: boolean) => void,
): DirectoryWatch {
  const root = resolve(directory);
  const watcher = watch(root, {
    depth: 0,
    ignoreInitial: true,
    // Else every file of the folder, and of /var/log there are many, costs a watch.
    ignored: (path) => isBelow(root, path) && !includes(path.slice(join(root, '/').length)),
  });
  watcher.on('all', (event) => changed(event !== 'change'));
  watcher.on('error', () => {
    changed(true);
    void watcher.close();
  });
  // The watch misses what happened before it was ready.
  watcher.on('ready', () => changed(true));
  return { close: async () => watcher.close() };
}

function isBelow(root: string, path: string): boolean {
  return path.startsWith(join(root, '/'));
}
