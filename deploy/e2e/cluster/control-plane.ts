/**
 * A real control plane on free loopback ports: etcd and kube-apiserver with an audit log; where asked for also the
 * controller manager, the scheduler, and kwok as the kubelet of fake nodes. All state is under one folder; nothing outside
 * it is touched.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient, type Credentials } from './api-client.ts';
import type { Binaries, Program } from './binaries.ts';
import {
  apiServerArgs,
  choosePorts,
  createPki,
  etcdArgs,
  etcdUrl,
  type Pki,
  type Ports,
  serverUrl,
} from './control-plane-parts.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type CertificateAuthority, fileName, type KeyPair } from './pki.ts';
import { ManagedProcess, ProcessEndedError, sleep, waitUntil } from './processes.ts';

const READY_TIMEOUT_MS = 90_000;
/** What kube-apiserver makes by itself shortly after it has begun to listen is part of being ready. */
const READY_PATHS = [
  '/readyz',
  '/api/v1/namespaces/default',
  '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
];
const STARTS_MAX = 3;
/** Large enough that the log never rotates. */
const AUDIT_LOG_MAX_SIZE_MB = 100_000;
/** All state has keys in it: it is the owner's alone. */
const MODE = { recursive: true, mode: 0o700 } as const;
const KWOK_CONFIG = join(import.meta.dirname, 'kwok.yaml');

/** What a control plane is made of. Without more words: etcd and kube-apiserver, no controllers, no nodes. */
export interface ControlPlaneOptions {
  readonly auditPolicyPath: string;
  /** At this size the audit log is renamed and begun anew. It is one file by default. */
  readonly auditLogMaxSizeMB?: number;
  /** What kube-controller-manager runs, by the names of its `--controllers`. Empty (the default): it is not started. */
  readonly controllers?: readonly string[] | 'all';
  readonly scheduler?: boolean;
  /** Whether kwok plays kubelet for every Node object there is. */
  readonly kwok?: boolean;
  /** How kube-apiserver stores built-in kinds: JSON where a test is to read what is stored. Custom resources are JSON always. */
  readonly storageMediaType?: 'application/json' | 'application/vnd.kubernetes.protobuf';
  /** Gives up a start; what has been started is stopped. */
  readonly signal?: AbortSignal;
}

/** The programs that a control plane needs. */
export function programsFor({ controllers = [], scheduler, kwok }: ControlPlaneOptions): Program[] {
  return [
    'etcd',
    'kube-apiserver',
    ...(controllers.length > 0 ? (['kube-controller-manager'] as const) : []),
    ...(scheduler === true ? (['kube-scheduler'] as const) : []),
    ...(kwok === true ? (['kwok'] as const) : []),
  ];
}

/** A running control plane. */
export class ControlPlane {
  /** Where kube-apiserver is: `https://127.0.0.1:PORT`. */
  readonly server: string;
  /** Where etcd is: `http://127.0.0.1:PORT`. */
  readonly etcdUrl: string;
  readonly auditLogPath: string;
  /** The certificates of kube-apiserver's users and of its own. */
  readonly authority: CertificateAuthority;
  readonly frontProxyAuthority: CertificateAuthority;
  /** What kube-apiserver shows to aggregated API servers. */
  readonly frontProxyClient: KeyPair;
  /** The certificate of UNAUDITED_USER. */
  readonly unauditedUser: KeyPair;
  /** A client with all rights, which the audit policies leave out of the log. */
  readonly unaudited: ApiClient;
  readonly #folder: string;
  readonly #processes: ManagedProcess[] = [];

  private constructor(folder: string, ports: Ports, pki: Pki, unaudited: ApiClient) {
    this.#folder = folder;
    this.server = serverUrl(ports);
    this.etcdUrl = etcdUrl(ports);
    this.auditLogPath = join(folder, 'audit', 'audit.log');
    this.authority = pki.authority;
    this.frontProxyAuthority = pki.frontProxyAuthority;
    this.frontProxyClient = pki.frontProxyClient;
    this.unauditedUser = pki.unauditedUser;
    this.unaudited = unaudited;
  }

  /**
   * Starts a control plane in an empty folder; it answers when this resolves. What was started is stopped if this fails.
   * A port that another program took first is no failure: others are tried.
   */
  static async start(
    binaries: Binaries,
    folder: string,
    options: ControlPlaneOptions,
  ): Promise<ControlPlane> {
    for (let start = 1; ; start += 1) {
      try {
        return await ControlPlane.#startOnce(binaries, join(folder, `start-${start}`), options);
      } catch (error) {
        if (start === STARTS_MAX || !isPortTaken(error)) throw error;
      }
    }
  }

  static async #startOnce(
    binaries: Binaries,
    folder: string,
    options: ControlPlaneOptions,
  ): Promise<ControlPlane> {
    await Promise.all(['pki', 'audit', 'users'].map(async (name) => mkdir(join(folder, name), MODE)));
    const [ports, pki] = await Promise.all([choosePorts(), createPki(join(folder, 'pki'))]);
    const { authority, unauditedUser } = pki;
    const ca = authority.pair.cert;
    const unaudited = await ApiClient.create(serverUrl(ports), ca, { pair: unauditedUser });
    const plane = new ControlPlane(folder, ports, pki, unaudited);
    try {
      await plane.#startServers(binaries, options, ports, pki);
      await plane.#startControllers(binaries, options, ports, pki);
    } catch (error) {
      await plane.stop();
      throw error;
    }
    return plane;
  }

  /** What clients trust kube-apiserver by. */
  get caPath(): string {
    return this.authority.pair.cert;
  }

  /** Issues a client certificate for a user. */
  async issueUser(username: string, groups: readonly string[]): Promise<KeyPair> {
    return this.authority.issue({ commonName: username, organizations: groups });
  }

  /** Writes a kubeconfig file for an identity and returns its path. */
  async writeKubeconfig(name: string, credentials: Credentials): Promise<string> {
    const path = join(this.#folder, 'users', `${fileName(name)}.kubeconfig`);
    await writeKubeconfig(path, { server: this.server, caPath: this.caPath, credentials });
    return path;
  }

  /** Fails if any part has ended. */
  async assertRunning(): Promise<void> {
    for (const part of this.#processes) await part.assertRunning();
  }

  /** Stops every part but etcd: when this resolves, the audit log is whole, and nothing is stored any more. */
  async stopWriting(): Promise<void> {
    const writers = this.#processes.filter(({ name }) => name !== 'etcd');
    for (const part of writers.toReversed()) await part.stop();
  }

  /** Stops every part, the last started first. */
  async stop(): Promise<void> {
    await this.unaudited.close();
    await this.stopWriting();
    // etcd has nothing to save: all that it has is thrown away with the folder.
    for (const etcd of this.#processes) await etcd.kill();
  }

  #start(name: string, command: string, args: readonly string[]): void {
    const logPath = join(this.#folder, `${name}.log`);
    this.#processes.push(new ManagedProcess({ name, command, args, cwd: this.#folder, logPath }));
  }

  async #startServers(
    binaries: Binaries,
    options: ControlPlaneOptions,
    ports: Ports,
    pki: Pki,
  ): Promise<void> {
    this.#start('etcd', binaries.path('etcd'), etcdArgs(this.#folder, ports));
    this.#start('kube-apiserver', binaries.path('kube-apiserver'), [
      ...apiServerArgs(ports, pki),
      `--audit-policy-file=${options.auditPolicyPath}`,
      `--audit-log-path=${this.auditLogPath}`,
      `--audit-log-maxsize=${options.auditLogMaxSizeMB ?? AUDIT_LOG_MAX_SIZE_MB}`,
      ...(options.storageMediaType === undefined ? [] : [`--storage-media-type=${options.storageMediaType}`]),
    ]);
    await waitUntil('kube-apiserver is ready', READY_TIMEOUT_MS, async () => {
      options.signal?.throwIfAborted();
      await this.assertRunning();
      return (await Promise.all(READY_PATHS.map(async (path) => this.#answers(path)))).every(Boolean);
    });
  }

  async #answers(path: string): Promise<boolean> {
    try {
      return (await this.unaudited.send({ method: 'GET', path })).status === 200;
    } catch {
      return false; // It does not listen yet.
    }
  }

  async #startControllers(
    binaries: Binaries,
    { controllers = [], scheduler = false, kwok = false }: ControlPlaneOptions,
    ports: Ports,
    pki: Pki,
  ): Promise<void> {
    if (controllers.length > 0) {
      const names = controllers === 'all' ? '*' : controllers.join(',');
      this.#start('kube-controller-manager', binaries.path('kube-controller-manager'), [
        `--kubeconfig=${await this.#systemKubeconfig('system:kube-controller-manager')}`,
        `--controllers=${names}`,
        `--root-ca-file=${this.caPath}`,
        `--service-account-private-key-file=${pki.signingKey}`,
        '--use-service-account-credentials=true',
        '--leader-elect=false',
        '--secure-port=0',
      ]);
    }
    if (scheduler) {
      this.#start('kube-scheduler', binaries.path('kube-scheduler'), [
        `--kubeconfig=${await this.#systemKubeconfig('system:kube-scheduler')}`,
        '--leader-elect=false',
        '--secure-port=0',
      ]);
    }
    if (kwok) {
      const kubeconfig = await this.#systemKubeconfig('kwok-controller', ['system:masters']);
      this.#start('kwok', binaries.path('kwok'), await this.#kwokArgs(kubeconfig, ports.kubelet));
    }
    // A flag that a program does not take ends it at once: better said here than wondered about later.
    if (controllers.length > 0 || scheduler || kwok) await sleep(300);
    await this.assertRunning();
  }

  async #kwokArgs(kubeconfig: string, port: number): Promise<string[]> {
    const serving = await this.authority.issue({ commonName: 'kubelet', serverNames: ['IP:127.0.0.1'] });
    return [
      `--kubeconfig=${kubeconfig}`,
      `--config=${KWOK_CONFIG}`,
      '--manage-all-nodes=true',
      '--node-ip=127.0.0.1',
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
      `--tls-cert-file=${serving.cert}`,
      `--tls-private-key-file=${serving.key}`,
    ];
  }

  async #systemKubeconfig(username: string, groups: readonly string[] = []): Promise<string> {
    return this.writeKubeconfig(username, { pair: await this.issueUser(username, groups) });
  }
}

function isPortTaken(error: unknown): boolean {
  return error instanceof ProcessEndedError && error.message.includes('address already in use');
}
