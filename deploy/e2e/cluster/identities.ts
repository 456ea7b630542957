/**
 * Who asks a cluster: users with client certificates, service accounts with tokens. Each identity has a kubeconfig, a client,
 * and a home folder of its own, so that no two share kubectl's discovery cache.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, objectMember, stringMember } from '../../../src/model/json.ts';
import { ApiClient, type Credentials } from './api-client.ts';
import type { ControlPlane } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { namespace as namespaceManifest } from './manifests.ts';
import { fileName } from './pki.ts';

const TOKEN_SECONDS = 3600;

/** Somebody who asks. */
export interface Identity {
  /** As `user.username` in the audit log. */
  readonly username: string;
  readonly credentials: Credentials;
  /** The path of a kubeconfig file. */
  readonly kubeconfig: string;
  /** HOME of what runs in this name. */
  readonly home: string;
  /** Requests in this name. Closed with the cluster. */
  readonly client: ApiClient;
}

/** The identities of one cluster. */
export class Identities {
  readonly #plane: ControlPlane;
  readonly #folder: string;
  readonly #opened: Identity[] = [];

  constructor(plane: ControlPlane, folder: string) {
    this.#plane = plane;
    this.#folder = folder;
  }

  /** A user with a client certificate. */
  async user(username: string, groups: readonly string[]): Promise<Identity> {
    return this.open(username, { pair: await this.#plane.issueUser(username, groups) });
  }

  /** A service account with a fresh token in a file. It and its namespace are created where they are missing. */
  async serviceAccount(namespace: string, name: string): Promise<Identity> {
    const { unaudited } = this.#plane;
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
    await unaudited.apply(`/api/v1/namespaces/${namespace}`, namespaceManifest(namespace));
    await unaudited.apply(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
    const username = `system:serviceaccount:${namespace}:${name}`;
    const tokenFile = join(this.#folder, `${fileName(username)}-${this.#opened.length}.token`);
    await writeFile(tokenFile, await requestToken(unaudited, username), { mode: 0o600 });
    return this.open(username, { tokenFile });
  }

  /** Somebody with credentials of any kind, valid or not. */
  async open(username: string, credentials: Credentials): Promise<Identity> {
    const { server, caPath } = this.#plane;
    const home = join(this.#folder, `${fileName(username)}-${this.#opened.length}`);
    const kubeconfig = join(home, 'kubeconfig');
    await mkdir(home);
    await writeKubeconfig(kubeconfig, { server, caPath, credentials });
    const client = await ApiClient.create(server, caPath, credentials);
    const identity = { username, credentials, kubeconfig, home, client };
    this.#opened.push(identity);
    return identity;
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map(async ({ client }) => client.close()));
  }
}

/** A token for `system:serviceaccount:NAMESPACE:NAME`, valid for an hour. */
export async function requestToken(client: ApiClient, username: string): Promise<string> {
  const [, , namespace = '', name = ''] = username.split(':');
  const { body } = await client.send({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS },
    },
  });
  const status = isObject(body) ? objectMember(body, 'status') : undefined;
  const token = status === undefined ? undefined : stringMember(status, 'token');
  if (token === undefined) throw new Error(`no token for ${username}`);
  return token;
}
