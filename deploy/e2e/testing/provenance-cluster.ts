/**
 * A cluster with our server in it: the server reads the audit log of the cluster, and kube-apiserver hands requests for our
 * API group on to it.
 *
 *   let at: ProvenanceCluster | undefined;
 *   before(async () => { at = await ProvenanceCluster.start({ controllers: ['namespace-controller'] }); });
 *   after(async () => at?.stop());
 *
 * Invariants: after `stop`, or a `start` that failed, neither the cluster nor the server runs; `server` is the process that
 * was started last, and every process serves on the same port, with the same certificate files.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { JsonValue } from '../../../src/model/json.ts';
import { ApiClient, type ApiResponse } from '../cluster/api-client.ts';
import type { ApiService } from '../cluster/api-service.ts';
import type { Program } from '../cluster/binaries.ts';
import { Cluster, type ClusterOptions } from '../cluster/cluster.ts';
import { freePort } from '../cluster/free-ports.ts';
import type { Identity } from '../cluster/identities.ts';
import { waitUntil } from '../cluster/processes.ts';
import type { ServingCertificate } from '../cluster/serving-certificate.ts';
import { KubeprovenanceProcess } from '../kubeprovenance-process.ts';

/** Where our API group is. */
export const API_PATH = '/apis/kubeprovenance.cloudark.io/v1';

const COMPLAINT = /^[EW].*kubeprovenance\.cloudark\.io/;
const AVAILABLE_MS_MAX = 30_000;
const CAUGHT_UP_MS_MAX = 60_000;

/** What is started. */
export interface ProvenanceClusterOptions extends ClusterOptions {
  /** More words for `serve`, which already has its port, certificate, kubeconfig and the audit log of the cluster. */
  readonly serve?: readonly string[] | ((cluster: Cluster) => Promise<readonly string[]>);
}

/** A running cluster and server. */
export class ProvenanceCluster {
  readonly cluster: Cluster;
  /** The account in whose name the server asks kube-apiserver. */
  readonly account: Identity;
  readonly certificate: ServingCertificate;
  readonly port: number;
  #server: KubeprovenanceProcess | undefined;
  #availableAfterMs = Number.NaN;
  #serveWords: readonly string[] = [];
  readonly #directClients: ApiClient[] = [];
  #markers = 0;

  private constructor(cluster: Cluster, account: Identity, certificate: ServingCertificate, port: number) {
    this.cluster = cluster;
    this.account = account;
    this.certificate = certificate;
    this.port = port;
  }

  /** Starts both. When this resolves, the APIService is Available. */
  static async start({ serve = [], ...options }: ProvenanceClusterOptions = {}): Promise<ProvenanceCluster> {
    const cluster = await Cluster.start(options);
    let at: ProvenanceCluster | undefined;
    try {
      const account = await cluster.serverAccount();
      at = new ProvenanceCluster(cluster, account, await cluster.servingCertificate(), await freePort());
      at.#serveWords = typeof serve === 'function' ? await serve(cluster) : serve;
      const start = performance.now();
      await at.startServer();
      const apiService = await cluster.installApiService({ port: at.port });
      await apiService.waitAvailable(AVAILABLE_MS_MAX);
      at.#availableAfterMs = performance.now() - start;
      return at;
    } catch (error) {
      const log = at === undefined ? undefined : at.#server?.log;
      await (at ?? cluster).stop();
      throw log === undefined ? error : new Error(`with our server, which logged:\n${log}`, { cause: error });
    }
  }

  /** Stops the server, then the cluster. */
  async stop(): Promise<void> {
    await Promise.all(this.#directClients.map(async (client) => client.close()));
    await this.#server?.kill();
    await this.cluster.stop();
  }

  get server(): KubeprovenanceProcess {
    if (this.#server === undefined) throw new Error('our server has not been started');
    return this.#server;
  }

  get apiService(): ApiService {
    return this.cluster.apiService;
  }

  /** How long it took from the start of our process until kube-apiserver found it available. */
  get availableAfterMs(): number {
    return this.#availableAfterMs;
  }

  /** Starts the server (again, once the one before has ended) as it was started at first, with more words where given. */
  async startServer(...words: readonly string[]): Promise<KubeprovenanceProcess> {
    const serving = {
      ...this.certificate.pair,
      kubeconfig: this.account.kubeconfig,
      port: this.port,
    };
    const allWords = ['--audit-log', this.cluster.auditLogPath, ...this.#serveWords, ...words];
    this.#server = await KubeprovenanceProcess.serveSecurely(serving, ...allWords);
    return this.#server;
  }

  /** A client that asks our server itself, not through kube-apiserver. Closed with the cluster. */
  async direct(as: Identity = this.cluster.admin): Promise<ApiClient> {
    const ca = this.cluster.authorities.serving.pair.cert;
    const client = await ApiClient.create(`https://127.0.0.1:${this.port}`, ca, as.credentials);
    this.#directClients.push(client);
    return client;
  }

  /** GETs a path below our group and version through kube-apiserver. */
  async ask(path: string, as: Identity = this.cluster.admin): Promise<ApiResponse> {
    return as.client.send({ method: 'GET', path: `${API_PATH}/${path}` });
  }

  /** As `ask`. @returns the body. @throws where that is no success */
  async answer(path: string, as: Identity = this.cluster.admin): Promise<JsonValue> {
    return as.client.expect({ method: 'GET', path: `${API_PATH}/${path}` });
  }

  /**
   * Waits until the server has read what the cluster has answered so far: kube-apiserver logs a request before it is answered, and a
   * write of our own after all of them has become known.
   */
  async caughtUp(timeoutMs = CAUGHT_UP_MS_MAX): Promise<void> {
    this.#markers += 1;
    const name = `e2e-marker-${this.#markers}`;
    const { client } = this.cluster.admin;
    await client.apply(`/api/v1/namespaces/default/configmaps/${name}`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
    });
    await waitUntil('our server has read the audit log', timeoutMs, async () => {
      const { status } = await this.ask(`namespaces/default/configmaps/${name}/versions`);
      return status === 200;
    });
  }

  /** What a program of the control plane has logged so far. */
  async controlPlaneLog(program: Program): Promise<string> {
    const folder = dirname(dirname(this.cluster.auditLogPath));
    return readFile(join(folder, `${program}.log`), 'utf8');
  }

  /** The lines in which a program of the control plane has warned or complained of our API group so far. */
  async complaintsOfUs(program: Program): Promise<readonly string[]> {
    const lines = (await this.controlPlaneLog(program)).split('\n');
    return lines.filter((line) => COMPLAINT.test(line));
  }
}
