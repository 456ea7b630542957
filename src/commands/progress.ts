/** A progress bar on a terminal; nothing where stderr is none. */
import cliProgress from 'cli-progress';
import type { SourceStatus } from '../model/source-status.ts';

const REFRESH_MS = 200;
const MEGABYTE = 1_000_000;

/** Megabytes without their unit: whole ones from 10 up, else with one decimal. */
export function megabytes(bytes: number): string {
  const number = bytes / MEGABYTE;
  return number < 9.95 ? number.toFixed(1) : number.toFixed(0);
}

/** Shows how far sources are read, until stopped. */
export function showProgress(sources: () => readonly SourceStatus[]): { stop(): void } {
  if (!process.stderr.isTTY) return { stop: () => undefined };
  const startMs = performance.now();
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}%  {done}/{all} MB  {rate} MB/s  {left}',
      hideCursor: true,
      stream: process.stderr,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(1, 0, { done: megabytes(0), all: megabytes(0), rate: megabytes(0), left: '' });
  const update = (): void => {
    const status = sources();
    const done = status.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    const all = done + status.reduce((sum, { bytesBehind }) => sum + bytesBehind, 0);
    const bytesPerSecond = done / ((performance.now() - startMs) / 1000);
    bar.setTotal(Math.max(all, 1));
    bar.update(done, {
      done: megabytes(done),
      all: megabytes(all),
      rate: megabytes(bytesPerSecond),
      left: bytesPerSecond > 0 ? `${Math.ceil((all - done) / bytesPerSecond)} s left` : '',
    });
  };
  const timer = setInterval(update, REFRESH_MS);
  return {
    stop: () => {
      clearInterval(timer);
      update();
      bar.stop();
    },
  };
}
