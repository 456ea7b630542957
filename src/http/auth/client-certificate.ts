/**
 * The certificate of a connection, and for whom a set of CAs vouches on it.
 *
 * Invariants: a connection without a certificate has none, whatever `socket.authorized` says (versions of Node say true
 * for a resumed session that never showed one: nodejs/node#35317); a certificate counts only where OpenSSL accepted it in
 * the handshake (or nearly so, as below) and our own walk finds a chain to the very set that is asked about; the validity
 * is that of now, not of the handshake. The server refuses renegotiation (tls-options.ts), so a connection keeps the
 * certificate it began with.
 *
 * An intermediate is a CA as well: Go ends a chain in any certificate of a set. OpenSSL would too, by a flag that Node's
 * servers do not pass on (allowPartialTrustChain; a context from SNICallback has it, but clients that connect by an address
 * name no server). So one refusal is looked through: UNABLE_TO_GET_ISSUER_CERT. By it OpenSSL says that its chain reached a
 * certificate we trust, and that this one has an issuer which we did not name. It goes on from there, checks all the rest
 * (uses, CAs, path lengths, names, critical extensions, sizes of keys, digests, signatures, times) and tells the last thing
 * it found: so there was nothing else. The tests hold it to that. Out of its sight is only the time of the certificate that
 * ends the chain, at which our walk looks. Such a connection ends after one answer, as one that was refused (server.ts): a
 * chain to a root that is trusted later wants a new handshake. Source: crypto/x509/x509_vfy.c of OpenSSL 3, verify_chain.
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
type CertificateCheck =
  | { readonly kind: 'absent' }
  | { readonly kind: 'bad'; readonly problem: string }
  | { readonly kind: 'good'; readonly subject: CertificateSubject };

/** Asks whether a set of CAs, as PEM, vouches for a connection's certificate at a moment. */
type CheckCertificate = (socket: Socket, caPem: string, nowMs: number) => CertificateCheck;

/** A connection's certificate, read once. */
interface Peer extends Presented {
  /** Why OpenSSL did not accept it; undefined where it did, or only missed the issuer of a CA that we trust. */
  readonly handshakeProblem: string | undefined;
  /** Whether OpenSSL missed that issuer: then only a chain that ends below a root is one that it has checked. */
  readonly isPartial: boolean;
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
    const chains = walked.get(socket) ?? chainsOf(peer, known.set);
    walked.set(socket, chains);
    if (chains.length === 0) return { kind: 'bad', problem: 'its certificate is of an unknown authority' };
    if (isInTime(chains, nowMs)) return { kind: 'good', subject: peer.subject };
    return { kind: 'bad', problem: 'its certificate, or one that vouches for it, is not valid at this time' };
  };
}

const ABSENT: CertificateCheck = { kind: 'absent' };

function chainsOf(peer: Peer, set: CaSet): readonly Chain[] {
  const chains = findChains(peer, set);
  return peer.isPartial ? chains.filter(({ endsInRoot }) => !endsInRoot) : chains;
}

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
  const code = socket.authorized ? undefined : String(socket.authorizationError);
  const isPartial = code === 'UNABLE_TO_GET_ISSUER_CERT';
  const handshakeProblem =
    code === undefined || isPartial
      ? undefined
      : `its certificate was not accepted in the handshake: ${code}`;
  return { leaf, intermediates, handshakeProblem, isPartial, subject: readSubject(leaf) };
}

/**
 * Reads a subject's attributes one by one. Never from `subject`, a text in which a value with a newline could pass for
 * another attribute.
 */
function readSubject(certificate: X509Certificate): CertificateSubject {
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
