/**
 * Processes that this program starts and stops. Each is a child of this process and is stopped through its own handle:
 * nothing is ever looked up by name.
 *
 * Invariants: after `stop` has resolved the process is gone; on Linux it is gone as well when this process ends in any
 * way, a crash and SIGKILL included.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const STOP_GRACE_MS = 15_000;
const COMMAND_TIMEOUT_MS = 120_000;
const PROBE_INTERVAL_MS = 100;

/** How a process is started. */
export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Where standard output and standard error go. */
  readonly logPath: string;
}

/** A process that runs until it is stopped. */
export class ManagedProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #logPath: string;

  constructor({ name, command, args, cwd, logPath }: ProcessOptions) {
    this.name = name;
    this.#logPath = logPath;
    const log = openSync(logPath, 'a');
    // HOME and PATH only: the caller's environment must not reach the log.
    const env = { HOME: cwd, PATH: process.env['PATH'] ?? '' };
    const [program = command, ...words] = boundToParent([command, ...args]);
    this.#child = spawn(program, words, { cwd, env, stdio: ['ignore', log, log] });
    closeSync(log);
    // A process that could not be started is not running; assertRunning tells.
    this.#child.on('error', () => {});
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Throws with the end of the process's own log if it is gone. */
  async assertRunning(): Promise<void> {
    if (this.running) return;
    const log = await readFile(this.#logPath, 'utf8');
    throw new ProcessEndedError(this.name, log.split('\n').slice(-8).join('\n'));
  }

  /** Asks the process to end, and ends it after a grace period. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends the process at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_GRACE_MS);
    await exit;
    clearTimeout(timer);
  }
}

/** A process that should be running is not. The message holds the end of its log. */
export class ProcessEndedError extends Error {
  override readonly name = 'ProcessEndedError';
  readonly code = 'PROCESS_ENDED';

  constructor(name: string, log: string) {
    super(`${name} ended unexpectedly:\n${log}`);
  }
}

/** On Linux the kernel ends the command when this process is gone (PR_SET_PDEATHSIG; setpriv is part of util-linux). */
function boundToParent(words: readonly string[]): readonly string[] {
  return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'SIGKILL', '--', ...words] : words;
}

/** What a command that ran to its end said. `exitCode` is -1 where a signal ended it. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly input?: string;
  /** Added to HOME (`cwd`) and PATH, which are all it gets from here. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/**
 * Runs a command to its end. A non-zero exit is a result, not an error.
 * @throws where it cannot be started, and after the timeout, when it has been killed
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { cwd, input = '', env = {}, timeoutMs = COMMAND_TIMEOUT_MS }: CommandOptions,
): Promise<CommandResult> {
  const wholeEnv = { HOME: cwd, PATH: process.env['PATH'] ?? '', ...env };
  const child = spawn(command, args, { cwd, env: wholeEnv, stdio: 'pipe' });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A command may end without reading its input; that is no failure of ours.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  }).finally(() => clearTimeout(timer));
  if (late) throw new Error(`${command} did not end within ${timeoutMs / 1000} s: ${stderr()}`);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

/** Waits until the probe answers true; fails after the time given. */
export async function waitUntil(
  what: string,
  timeoutMs: number,
  probe: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(PROBE_INTERVAL_MS);
  }
}

/** Resolves after the time given. */
export async function sleep(ms: number): Promise<void> {
  await delay(ms);
}
