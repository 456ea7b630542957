/** Our own server as a process of its own: started, asked, killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { SourceStatus } from '../../src/model/source-status.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const READY_MS_MAX = 15_000;

/** What an aggregated API server needs: paths of its certificate, of its key, and of the kubeconfig it asks the cluster with. */
export interface SecureServing {
  readonly cert: string;
  readonly key: string;
  readonly kubeconfig: string;
  readonly port?: number;
}

/** A process that serves, plain or with TLS. */
export class KubeprovenanceProcess {
  readonly #child: ChildProcess;
  readonly #url: string;
  readonly #log: () => string;

  private constructor(child: ChildProcess, url: string, log: () => string) {
    this.#child = child;
    this.#url = url;
    this.#log = log;
  }

  /** Starts `serve` on a free port of the loopback, without TLS, and waits until it listens. */
  static async serve(...args: readonly string[]): Promise<KubeprovenanceProcess> {
    return KubeprovenanceProcess.#start('http', ['--listen', '127.0.0.1:0', ...args]);
  }

  /** Starts `serve` as an aggregated API server on a port of the loopback (a free one by default), and waits until it listens. */
  static async serveSecurely(
    { cert, key, kubeconfig, port = 0 }: SecureServing,
    ...args: readonly string[]
  ): Promise<KubeprovenanceProcess> {
    const tls = ['--tls-cert-file', cert, '--tls-private-key-file', key, '--kubeconfig', kubeconfig];
    const address = ['--secure-port', String(port), '--bind-address', '127.0.0.1'];
    return KubeprovenanceProcess.#start('https', [...address, ...tls, ...args]);
  }

  static async #start(scheme: string, args: readonly string[]): Promise<KubeprovenanceProcess> {
    const child = spawn(process.execPath, [MAIN, 'serve', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const url = await listeningUrl(child, scheme, () => log);
    return new KubeprovenanceProcess(child, url, () => log);
  }

  /** Where it listens. */
  get url(): string {
    return this.#url;
  }

  /** The port on which it listens. */
  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** What it has logged so far: lines of JSON. */
  get log(): string {
    return this.#log();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** GETs a path below the API group's version and returns its JSON. */
  async get(path: string): Promise<unknown> {
    const { statusCode, body } = await request(`${this.#url}/apis/kubeprovenance.cloudark.io/v1/${path}`);
    const answer: unknown = await body.json();
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** The one source, as it stands. */
  async source(): Promise<SourceStatus> {
    const answer = await this.get('sources');
    if (!isSourceList(answer) || answer.items[0] === undefined) throw new Error('there is no source');
    return answer.items[0];
  }

  /** Waits until a source has come to what is asked for. */
  async until(reached: (source: SourceStatus) => boolean, timeoutMs = 120_000): Promise<SourceStatus> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const source = await this.source();
      if (reached(source)) return source;
      if (performance.now() > endMs) throw new Error(`not reached: ${JSON.stringify(source)}`);
      await sleep(50);
    }
  }

  /** Ends the process as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the process as an operator does. @returns its exit code */
  async stop(): Promise<number | null> {
    await this.#end('SIGTERM');
    return this.#child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill(signal);
    await ended;
  }
}

function isSourceList(answer: unknown): answer is { readonly items: readonly SourceStatus[] } {
  return typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items);
}

/** The server's log says where it listens, on a line of JSON. */
async function listeningUrl(child: ChildProcess, scheme: string, log: () => string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const pattern = new RegExp(`"url":"(${scheme}:[^"]+)"`);
  child.stderr?.on('data', () => {
    const url = pattern.exec(log())?.[1];
    if (url !== undefined) resolve(url);
  });
  child.once('exit', () => reject(new Error(`serve ended at once: ${log()}`)));
  const timer = setTimeout(() => reject(new Error(`serve does not listen: ${log()}`)), READY_MS_MAX);
  return promise.finally(() => clearTimeout(timer));
}
