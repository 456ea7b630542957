/**
 * Our server as a cluster knows it: the APIService that kube-apiserver routes by, the Service it dials, and the service account
 * with the two bindings of a delegating API server.
 *
 * The Service is an ExternalName of 127.0.0.1: kube-apiserver resolves it by itself (kube-aggregator
 * pkg/apiserver/resolvers.go), so that neither DNS nor endpoints nor kube-proxy are needed.
 */
import { isArray, isObject, member, objectMember, stringMember } from '../../../src/model/json.ts';
import type { ApiClient } from './api-client.ts';
import { SERVER_NAMESPACE } from './audit-policy.ts';
import type { Identities, Identity } from './identities.ts';
import { namespace as namespaceManifest } from './manifests.ts';
import { sleep } from './processes.ts';

const GROUP = 'kubeprovenance.cloudark.io';
const API_SERVICE = `/apis/apiregistration.k8s.io/v1/apiservices/v1.${GROUP}`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ACCOUNT = 'kubeprovenance';
const PROBE_INTERVAL_MS = 50;

/** How our server is registered. */
export interface ApiServiceOptions {
  /** The loopback port on which it serves TLS. */
  readonly port: number;
  /** The CA certificate, in PEM, that kube-apiserver verifies it by. */
  readonly caBundle: string;
  readonly namespace?: string;
  readonly serviceName?: string;
}

/** The condition Available of the APIService. */
export interface Availability {
  readonly available: boolean;
  readonly reason: string;
  readonly message: string;
}

/** A registration. */
export class ApiService {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Registers our server, or changes its registration. */
  async install(options: ApiServiceOptions): Promise<void> {
    const { port, caBundle, namespace = SERVER_NAMESPACE, serviceName = 'kubeprovenance' } = options;
    await this.#client.apply(`/api/v1/namespaces/${namespace}`, namespaceManifest(namespace));
    await this.#client.apply(`/api/v1/namespaces/${namespace}/services/${serviceName}`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: serviceName, namespace },
      spec: { type: 'ExternalName', externalName: '127.0.0.1', ports: [{ name: 'https', port }] },
    });
    await this.#client.apply(API_SERVICE, {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `v1.${GROUP}` },
      spec: {
        group: GROUP,
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: Buffer.from(caBundle).toString('base64'),
        service: { namespace, name: serviceName, port },
      },
    });
  }

  /** What kube-apiserver thinks of our server. */
  async availability(): Promise<Availability> {
    const body = await this.#client.expect({ method: 'GET', path: API_SERVICE });
    const status = isObject(body) ? objectMember(body, 'status') : undefined;
    const conditions = status === undefined ? undefined : member(status, 'conditions');
    for (const condition of isArray(conditions) ? conditions : []) {
      if (!isObject(condition) || member(condition, 'type') !== 'Available') continue;
      return {
        available: member(condition, 'status') === 'True',
        reason: stringMember(condition, 'reason') ?? '',
        message: stringMember(condition, 'message') ?? '',
      };
    }
    return { available: false, reason: '', message: 'not looked at yet' };
  }

  /**
   * Waits until kube-apiserver finds our server available.
   * @returns after how many milliseconds
   * @throws with the reason it gives, when the time is over
   */
  async waitAvailable(timeoutMs: number): Promise<number> {
    const start = performance.now();
    for (;;) {
      const { available, reason, message } = await this.availability();
      const elapsedMs = performance.now() - start;
      if (available) return elapsedMs;
      if (elapsedMs > timeoutMs) {
        throw new Error(`not available within ${timeoutMs} ms: ${reason}: ${message}`);
      }
      await sleep(PROBE_INTERVAL_MS);
    }
  }

  /** Takes the registration back. The namespace and the account stay. */
  async remove(): Promise<void> {
    const { status } = await this.#client.send({ method: 'DELETE', path: API_SERVICE });
    if (status !== 200 && status !== 404) throw new Error(`DELETE ${API_SERVICE}: ${status}`);
  }
}

/**
 * The account that our server asks kube-apiserver with, with the rights of a delegating API server and no others. Its
 * kubeconfig is for `--kubeconfig`, `--authentication-kubeconfig` and `--authorization-kubeconfig`; its token is in a file.
 */
export async function createServerAccount(
  identities: Identities,
  client: ApiClient,
  namespace: string,
): Promise<Identity> {
  const account = await identities.serviceAccount(namespace, ACCOUNT);
  const apiGroup = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }];
  const delegator = `kubeprovenance:${namespace}:auth-delegator`;
  await client.apply(`${RBAC}/clusterrolebindings/${delegator}`, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: delegator },
    roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects,
  });
  const reader = `kubeprovenance:${namespace}:auth-reader`;
  await client.apply(`${RBAC}/namespaces/kube-system/rolebindings/${reader}`, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'RoleBinding',
    metadata: { name: reader, namespace: 'kube-system' },
    roleRef: { apiGroup, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects,
  });
  return account;
}
