/**
 * The certificate of a connection, and for whom a set of CAs vouches on it.
 *
 * Invariants: a connection without a certificate has none, whatever `socket.authorized` says (versions of Node say true
 * for a resumed session that never showed one: nodejs/node#35317); a certificate counts only where OpenSSL accepted it in
 * the handshake and our own walk finds a chain to the very set that is asked about; the validity is that of now, not of the
 * handshake. The server refuses renegotiation (tls-options.ts), so a connection keeps the certificate it began with.
 *
 * Where two CAs have one name and their certificates no key identifiers (Go and kubeadm always write them), OpenSSL may take
 * one for the other and refuse what Go accepts: that is a 401, never a wrong user.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { findChains, isInTime, type CaSet, type Chain, type Presented } from './certificate-chain.ts';
import { parseCertificates } from './certificate-pem.ts';

/** What a certificate says of its owner. */
export interface CertificateSubject {
  /** '' where there is none. The last one where there are several, as Go has it. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The values of Kubernetes' own attribute for a uid; good certificates have at most one. */
  readonly uids: readonly string[];
  /** SHA-256 of the certificate's DER, in lower-case hex. */
  readonly sha256: string;
}

/** What came of looking at a connection's certificate. */
export type CertificateCheck =
  | { readonly kind: 'absent' }
  | { readonly kind: 'bad'; readonly problem: string }
  | { readonly kind: 'good'; readonly subject: CertificateSubject };

/** Asks whether a set of CAs, as PEM, vouches for a connection's certificate at a moment. */
export type CheckCertificate = (socket: Socket, caPem: string, nowMs: number) => CertificateCheck;

/** A connection's certificate, read once. */
interface Peer extends Presented {
  /** Why OpenSSL did not accept it; undefined where it did. */
  readonly handshakeProblem: string | undefined;
  readonly subject: CertificateSubject;
}

/** Attribute of a user's uid. Source: k8s.io/apimachinery/pkg/apis/asn1/oid.go. */
const UID_OID = '1.3.6.1.4.1.57683.2';
/** A TLS stack sends a handful of intermediates; OpenSSL takes no longer chain than this either. */
const INTERMEDIATES_MAX = 100;

const peers = new WeakMap<TLSSocket, Peer | 'absent'>();

/**
 * A check for one role of certificates. It remembers the set it was last asked about and, for each connection, what came of
 * the walk: so a request costs a comparison, and another PEM makes every connection be looked at anew.
 */
export function createCertificateCheck(): CheckCertificate {
  let known: { readonly pem: string; readonly set: CaSet } = { pem: '', set: [] };
  let walked = new WeakMap<TLSSocket, readonly Chain[]>();
  return (socket, caPem, nowMs) => {
    if (!(socket instanceof TLSSocket)) return ABSENT;
    const peer = peerOf(socket);
    if (peer === 'absent') return ABSENT;
    if (peer.handshakeProblem !== undefined) return { kind: 'bad', problem: peer.handshakeProblem };
    if (caPem !== known.pem) {
      known = { pem: caPem, set: parseCertificates(caPem) };
      walked = new WeakMap();
    }
    const chains = walked.get(socket) ?? findChains(peer, known.set);
    walked.set(socket, chains);
    if (chains.length === 0) return { kind: 'bad', problem: 'its certificate is of an unknown authority' };
    if (isInTime(chains, nowMs)) return { kind: 'good', subject: peer.subject };
    return { kind: 'bad', problem: 'its certificate, or one that vouches for it, is not valid at this time' };
  };
}

const ABSENT: CertificateCheck = { kind: 'absent' };

function peerOf(socket: TLSSocket): Peer | 'absent' {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const leaf = socket.getPeerX509Certificate();
  const peer = leaf === undefined ? 'absent' : readPeer(socket, leaf);
  peers.set(socket, peer);
  return peer;
}

function readPeer(socket: TLSSocket, leaf: X509Certificate): Peer {
  const intermediates: X509Certificate[] = [];
  let next = leaf.issuerCertificate;
  while (next !== undefined && intermediates.length < INTERMEDIATES_MAX) {
    intermediates.push(next);
    next = next.issuerCertificate;
  }
  const handshakeProblem = socket.authorized
    ? undefined
    : `its certificate was not accepted in the handshake: ${String(socket.authorizationError)}`;
  return { leaf, intermediates, handshakeProblem, subject: readSubject(leaf) };
}

/**
 * Reads a subject's attributes one by one. Never from `subject`, a text in which a value with a newline could pass for
 * another attribute.
 */
export function readSubject(certificate: X509Certificate): CertificateSubject {
  const attributes = new Map<string, unknown>(Object.entries(certificate.toLegacyObject().subject));
  const values = (name: string): readonly string[] => {
    const value = attributes.get(name);
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all.filter((one) => typeof one === 'string');
  };
  return {
    commonName: values('CN').at(-1) ?? '',
    organizations: values('O'),
    uids: values(UID_OID),
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
  };
}
