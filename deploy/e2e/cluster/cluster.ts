/**
 * A cluster in a box: a real control plane on one machine, with everything that an end-to-end test does to it.
 *
 *   let cluster: Cluster;
 *   before(async () => { cluster = await Cluster.start({ audit: 'RequestResponse' }); });
 *   after(async () => cluster?.stop());
 *
 * Invariants: it uses loopback ports and a temporary folder only; after `stop`, or a `start` that failed, none of its
 * processes runs and the folder is gone (E2E_KEEP in the environment keeps the folder).
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiService, type ApiServiceOptions, createServerAccount } from './api-service.ts';
import { type AuditLevel, auditPolicy, SERVER_NAMESPACE } from './audit-policy.ts';
import { Binaries } from './binaries.ts';
import { ControlPlane, type ControlPlaneOptions, programsFor } from './control-plane.ts';
import { freePort } from './free-ports.ts';
import { Identities, type Identity } from './identities.ts';
import { type Manifest, node } from './manifests.ts';
import { CertificateAuthority } from './pki.ts';
import { type CommandResult, ManagedProcess, runCommand, waitUntil } from './processes.ts';
import { ServingCertificate } from './serving-certificate.ts';

const SERVER_NAMES = ['DNS:kubeprovenance.kubeprovenance.svc', 'DNS:localhost', 'IP:127.0.0.1'];
const PROXY_TIMEOUT_MS = 10_000;

/** What a cluster is made of. Without more words: etcd and kube-apiserver, every write logged with bodies. */
export interface ClusterOptions extends Omit<ControlPlaneOptions, 'auditPolicyPath' | 'kwok'> {
  /** The level of writes (audit-policy.ts), or the path of a policy file. */
  readonly audit?: AuditLevel | { readonly policyPath: string };
  /** That many fake nodes, `node-1` and so on, on which pods become ready. */
  readonly nodes?: number;
}

/** How kubectl is run. */
export interface KubectlOptions {
  /** In whose name; `admin` by default. */
  readonly as?: Identity;
  /** Standard input. */
  readonly input?: string;
  /** Where discovery is cached; in the identity's home by default. */
  readonly cacheDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Authorities that have nothing to do with each other. */
export interface Authorities {
  /** Of kube-apiserver's users (`--client-ca-file`) and of its own certificate. */
  readonly cluster: CertificateAuthority;
  /** Of what kube-apiserver shows to aggregated servers (`--requestheader-client-ca-file`). */
  readonly frontProxy: CertificateAuthority;
  /** Of our server's certificate. */
  readonly serving: CertificateAuthority;
  /** Of nothing that anybody should trust. */
  readonly wrong: CertificateAuthority;
}

/** A running cluster. */
export class Cluster {
  readonly plane: ControlPlane;
  readonly authorities: Authorities;
  /** A member of system:masters, whose requests are audited. */
  readonly admin: Identity;
  /** Another, whose requests are not. */
  readonly unaudited: Identity;
  /** The registration of our server; `install` makes it. */
  readonly apiService: ApiService;
  /** All state; a test may put files of its own there. */
  readonly folder: string;
  readonly #binaries: Binaries;
  readonly #identities: Identities;
  readonly #processes: ManagedProcess[] = [];
  #names = 0;

  private constructor(parts: {
    readonly folder: string;
    readonly binaries: Binaries;
    readonly plane: ControlPlane;
    readonly identities: Identities;
    readonly authorities: Authorities;
    readonly admin: Identity;
    readonly unaudited: Identity;
  }) {
    this.folder = parts.folder;
    this.#binaries = parts.binaries;
    this.plane = parts.plane;
    this.#identities = parts.identities;
    this.authorities = parts.authorities;
    this.admin = parts.admin;
    this.unaudited = parts.unaudited;
    this.apiService = new ApiService(parts.unaudited.client);
  }

  /**
   * Starts a cluster. Builds what it is made of where that is missing, which takes minutes, once.
   * @throws MissingBinariesError where that is not possible; nothing is left running
   */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { audit = 'RequestResponse', nodes = 0, ...rest } = options;
    const folder = await mkdtemp(join(tmpdir(), folderPrefix()));
    let plane: ControlPlane | undefined;
    try {
      const auditPolicyPath =
        typeof audit === 'object' ? audit.policyPath : join(folder, 'audit-policy.json');
      if (typeof audit === 'string') await writeFile(auditPolicyPath, auditPolicy(audit));
      const planeOptions = { ...rest, auditPolicyPath, kwok: nodes > 0 };
      const binaries = await Binaries.find([...programsFor(planeOptions), 'kubectl']);
      plane = await ControlPlane.start(binaries, folder, planeOptions);
      const users = join(folder, 'users');
      const pki = join(folder, 'pki');
      await Promise.all([mkdir(users), mkdir(pki)]);
      const identities = new Identities(plane, users);
      const [serving, wrong, admin, unaudited] = await Promise.all([
        CertificateAuthority.create(pki, 'serving-ca'),
        CertificateAuthority.create(pki, 'wrong-ca'),
        identities.user('admin', ['system:masters']),
        identities.open('unaudited', { pair: plane.unauditedUser }),
      ]);
      const authorities = { cluster: plane.authority, frontProxy: plane.frontProxyAuthority, serving, wrong };
      const parts = { folder, binaries, plane, identities, authorities, admin, unaudited };
      for (let index = 1; index <= nodes; index += 1) {
        const body = node(`node-${index}`);
        await admin.client.expect({ method: 'POST', path: '/api/v1/nodes', body });
      }
      return new Cluster(parts);
    } catch (error) {
      await plane?.stop();
      await removeFolder(folder);
      throw error;
    }
  }

  /** Stops every process, in the opposite order, and removes all state. */
  async stop(): Promise<void> {
    for (const child of this.#processes.toReversed()) await child.stop();
    await this.#identities.close();
    await this.plane.stop();
    await removeFolder(this.folder);
  }

  /** Where kube-apiserver writes its audit log. */
  get auditLogPath(): string {
    return this.plane.auditLogPath;
  }

  /** A user with a client certificate. */
  async user(username: string, ...groups: readonly string[]): Promise<Identity> {
    return this.#identities.user(username, groups);
  }

  /** A service account with a token. It and its namespace are created, unaudited, where they are missing. */
  async serviceAccount(namespace: string, name: string): Promise<Identity> {
    return this.#identities.serviceAccount(namespace, name);
  }

  /** Somebody with a bearer token, valid or not. */
  async bearer(name: string, token: string): Promise<Identity> {
    return this.#identities.open(name, { token });
  }

  /** Runs kubectl to its end. `--as` and the like are words as any other. */
  async kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<CommandResult> {
    const { as = this.admin, cacheDir, ...rest } = options;
    const words = [
      `--kubeconfig=${as.kubeconfig}`,
      ...(cacheDir ? [`--cache-dir=${cacheDir}`] : []),
      ...args,
    ];
    return runCommand(this.#binaries.path('kubectl'), words, { cwd: as.home, ...rest });
  }

  /** Brings objects about (server-side apply), in order and without a trace in the audit log. */
  async apply(...manifests: readonly Manifest[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
    const args = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
    const { exitCode, stderr } = await this.kubectl(args, { as: this.unaudited, input });
    if (exitCode !== 0) throw new Error(`kubectl apply: ${stderr}`);
  }

  /** Runs `kubectl proxy` until the cluster stops. @returns where it listens */
  async kubectlProxy(as: Identity = this.admin): Promise<string> {
    const port = await freePort();
    this.#names += 1;
    const name = `kubectl-proxy-${this.#names}`;
    const proxy = new ManagedProcess({
      name,
      command: this.#binaries.path('kubectl'),
      args: [`--kubeconfig=${as.kubeconfig}`, 'proxy', `--port=${port}`],
      cwd: as.home,
      logPath: join(this.folder, `${name}.log`),
    });
    this.#processes.push(proxy);
    const url = `http://127.0.0.1:${port}`;
    await waitUntil('kubectl proxy listens', PROXY_TIMEOUT_MS, async () => {
      await proxy.assertRunning();
      return fetch(`${url}/version`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return url;
  }

  /** The account our server asks kube-apiserver with. Its kubeconfig names a token file. May be called again. */
  async serverAccount(namespace = SERVER_NAMESPACE): Promise<Identity> {
    return createServerAccount(this.#identities, this.unaudited.client, namespace);
  }

  /** A certificate for our server, by `authorities.serving`, that can be rotated in place. */
  async servingCertificate(serverNames: readonly string[] = SERVER_NAMES): Promise<ServingCertificate> {
    this.#names += 1;
    const folder = join(this.folder, `serving-${this.#names}`);
    return ServingCertificate.create(this.authorities.serving, folder, serverNames);
  }

  /** Registers our server with kube-apiserver. Unless told otherwise it is verified by `authorities.serving`. */
  async installApiService(
    options: Omit<ApiServiceOptions, 'caBundle'> & Partial<Pick<ApiServiceOptions, 'caBundle'>>,
  ): Promise<ApiService> {
    const caBundle = options.caBundle ?? (await this.authorities.serving.readCertificate());
    await this.apiService.install({ ...options, caBundle });
    return this.apiService;
  }
}

/** How the folders of this process's clusters begin, in the folder for temporary files. */
export function folderPrefix(): string {
  return `kubeprovenance-cluster-${process.pid}-`;
}

async function removeFolder(folder: string): Promise<void> {
  if (process.env['E2E_KEEP'] === undefined) await rm(folder, { recursive: true, force: true });
}
