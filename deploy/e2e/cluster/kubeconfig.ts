/** kubeconfig files. They are written as JSON, which is YAML. */
import { writeFile } from 'node:fs/promises';
import type { Credentials } from './api-client.ts';

/** What a kubeconfig says. */
export interface KubeconfigOptions {
  readonly server: string;
  /** What the server's certificate is verified by. */
  readonly caPath: string;
  readonly credentials: Credentials;
}

/** Writes a kubeconfig file with one context. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  const { server, caPath, credentials } = options;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority': caPath } }],
    users: [{ name: 'u', user: userOf(credentials) }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
}

function userOf(credentials: Credentials): Readonly<Record<string, string>> {
  if ('pair' in credentials) {
    return { 'client-certificate': credentials.pair.cert, 'client-key': credentials.pair.key };
  }
  return 'tokenFile' in credentials ? { tokenFile: credentials.tokenFile } : { token: credentials.token };
}
