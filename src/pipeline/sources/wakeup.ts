/**
 * Waiting: until something may have changed, until the next poll, or until the end.
 *
 * Invariant: a notice that comes while nobody waits is kept, so that the next wait returns at once. At most one waits.
 */
export class Wakeup {
  readonly #signal: AbortSignal;
  readonly #pollIntervalMs: number;
  #noticed = false;
  #folderChanged = false;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, pollIntervalMs: number) {
    this.#signal = signal;
    this.#pollIntervalMs = pollIntervalMs;
  }

  /** Whether to wait is to return at once, and to go on is pointless. */
  get aborted(): boolean {
    return this.#signal.aborted;
  }

  /**
   * Something may have changed.
   * @param folderChanged whether files may have come or gone, too
   */
  notify(folderChanged: boolean): void {
    this.#noticed = true;
    this.#folderChanged ||= folderChanged;
    this.#wake?.();
  }

  /**
   * Until a notice, the next poll or the abort.
   * @returns whether files may have come or gone; the poll takes it that they have
   */
  async wait(): Promise<boolean> {
    if (!this.#noticed) await this.#sleep((wake) => (this.#wake = wake));
    const folderChanged = this.#folderChanged || !this.#noticed;
    this.#wake = undefined;
    this.#forget();
    return folderChanged;
  }

  /** Until the next poll or the abort: after a failure, which a busy log must not turn into a busy loop. */
  async pause(): Promise<void> {
    await this.#sleep(() => undefined);
    this.#forget();
  }

  #forget(): void {
    this.#noticed = false;
    this.#folderChanged = false;
  }

  async #sleep(arm: (wake: () => void) => void): Promise<void> {
    if (this.#signal.aborted) return;
    await new Promise<void>((resolve) => {
      const signal = this.#signal;
      const timer = setTimeout(wake, this.#pollIntervalMs);
      signal.addEventListener('abort', wake, { once: true });
      arm(wake);
      function wake(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      }
    });
  }
}
