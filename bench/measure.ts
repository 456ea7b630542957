/** Whole processes, measured from outside: wall time and peak memory of one run. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A command to measure. */
export interface Contender {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** One run. `peakBytes` is undefined where the system does not tell (no /proc). */
export interface Run {
  readonly seconds: number;
  readonly peakBytes: number | undefined;
}

const SAMPLE_MS = 10;

/**
 * Runs a command to its end; its standard output is read and thrown away.
 * @throws Error where it cannot be started or fails
 */
export async function measure({ name, command, args }: Contender): Promise<Run> {
  const startMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  let peakBytes: number | undefined;
  const timer = setInterval(() => {
    peakBytes = peakBytesOf(child.pid) ?? peakBytes;
  }, SAMPLE_MS);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const exitCode = await promise.finally(() => clearInterval(timer));
  const seconds = (performance.now() - startMs) / 1000;
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}: ${errors.trim()}`);
  return { seconds, peakBytes };
}

/** The high-water mark of a running process, as Linux tells it. */
function peakBytesOf(pid: number | undefined): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
