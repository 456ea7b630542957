/** What a control plane is configured with: ports, certificates, and the words of its two servers' command lines. */
import { join } from 'node:path';
import { UNAUDITED_USER } from './audit-policy.ts';
import { freePorts } from './free-ports.ts';
import { CertificateAuthority, createSigningKey, type KeyPair } from './pki.ts';

/** Loopback ports. */
export interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly kubelet: number;
}

/** Certificates and keys. */
export interface Pki {
  readonly authority: CertificateAuthority;
  readonly frontProxyAuthority: CertificateAuthority;
  readonly frontProxyClient: KeyPair;
  readonly apiServer: KeyPair;
  readonly unauditedUser: KeyPair;
  /** The path of the key that signs service account tokens. */
  readonly signingKey: string;
}

/** The URL of kube-apiserver. */
export function serverUrl({ apiServer }: Ports): string {
  return `https://127.0.0.1:${apiServer}`;
}

/** The URL of etcd's clients. */
export function etcdUrl({ etcd }: Ports): string {
  return `http://127.0.0.1:${etcd}`;
}

/** Ports that are free now. */
export async function choosePorts(): Promise<Ports> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, kubelet = 0] = await freePorts(4);
  return { etcd, etcdPeer, apiServer, kubelet };
}

/** Everything that is signed or signs, in a folder. */
export async function createPki(folder: string): Promise<Pki> {
  const [authority, frontProxyAuthority, signingKey] = await Promise.all([
    CertificateAuthority.create(folder, 'cluster-ca'),
    CertificateAuthority.create(folder, 'front-proxy-ca'),
    createSigningKey(folder),
  ]);
  const [apiServer, unauditedUser, frontProxyClient] = await Promise.all([
    authority.issue({
      commonName: 'kube-apiserver',
      serverNames: ['DNS:localhost', 'DNS:kubernetes.default.svc', 'IP:127.0.0.1', 'IP:10.0.0.1'],
    }),
    authority.issue({ commonName: UNAUDITED_USER, organizations: ['system:masters'] }),
    frontProxyAuthority.issue({ commonName: 'front-proxy-client' }),
  ]);
  return { authority, frontProxyAuthority, frontProxyClient, apiServer, unauditedUser, signingKey };
}

/** The command line of etcd. */
export function etcdArgs(folder: string, ports: Ports): string[] {
  const url = etcdUrl(ports);
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
    '--quota-backend-bytes=8589934592',
    '--unsafe-no-fsync',
  ];
}

/** The command line of kube-apiserver, but for what is audited and how it stores. */
export function apiServerArgs(ports: Ports, pki: Pki): string[] {
  return [
    `--etcd-servers=${etcdUrl(ports)}`,
    // Every stored state stays readable from revision 1.
    '--etcd-compaction-interval=0',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${pki.apiServer.cert}`,
    `--tls-private-key-file=${pki.apiServer.key}`,
    `--client-ca-file=${pki.authority.pair.cert}`,
    `--service-account-key-file=${pki.signingKey}`,
    `--service-account-signing-key-file=${pki.signingKey}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=RBAC',
    `--requestheader-client-ca-file=${pki.frontProxyAuthority.pair.cert}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-uid-headers=X-Remote-Uid',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki.frontProxyClient.cert}`,
    `--proxy-client-key-file=${pki.frontProxyClient.key}`,
    '--kubelet-preferred-address-types=InternalIP',
    // Both need a newer etcd than the 3.4 that Debian 12 ships. Without the second kwok, whose client streams its lists,
    // is refused each time and waits longer and longer before it falls back to plain ones.
    '--feature-gates=SizeBasedListCostEstimate=false,WatchList=false',
  ];
}
