/** The data directory: made if need be, and tried for writing, so that a wrong one is told at the start. */
import { access, constants, mkdir } from 'node:fs/promises';
import { UsageError } from './errors.ts';

/**
 * Makes the directory.
 * @throws UsageError where it cannot be made or written to
 */
export async function prepareDataDir(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--data-dir ${path} cannot be used: ${reason}`, { cause: error });
  }
}
