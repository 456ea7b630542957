/**
 * Which CA vouches for a certificate, by our own walk.
 *
 * OpenSSL verifies a client's certificate in the handshake, but over all CAs together and only then. Here the question is
 * put for one set of CAs, for any later moment, and for a set that came after the handshake. What a walk through Node's
 * X509Certificate cannot see (path length, name constraints, unknown critical extensions, weak digests) OpenSSL has refused
 * before: so its verdict is required as well (client-certificate.ts).
 *
 * The rules are those of Go's crypto/x509 Verify: a chain ends in a certificate of the set, every issuer is a CA whose
 * signature fits, and no certificate in it is limited to other uses than that of a client. What the peer sent is only a
 * stock to build from: its order means nothing, and nothing in it is trusted.
 */
import type { X509Certificate } from 'node:crypto';

/** The certificates that are trusted to end a chain. */
export type CaSet = readonly X509Certificate[];

/** A certificate with what came along with it. */
export interface Presented {
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** A chain whose signatures fit. It counts while all of its certificates do; times in milliseconds since 1970. */
export interface Chain {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whether its last certificate was issued by itself; else that is an intermediate, which the set trusts all the same. */
  readonly endsInRoot: boolean;
}

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

/** As Go: a peer may send many certificates, and the ways to join them must not be tried without end. */
const SIGNATURE_CHECKS_MAX = 100;

/** All chains from the leaf to a certificate of the set, whatever the time. Empty: the set does not vouch for it. */
export function findChains({ leaf, intermediates }: Presented, set: CaSet): readonly Chain[] {
  const chains: Chain[] = [];
  let checksLeft = SIGNATURE_CHECKS_MAX;
  const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean => {
    if (!issuer.ca || !isForClients(issuer) || !certificate.checkIssued(issuer)) return false;
    checksLeft -= 1;
    return checksLeft >= 0 && certificate.verify(issuer.publicKey);
  };
  const walk = (path: readonly X509Certificate[], last: X509Certificate): void => {
    for (const root of set) {
      if (isIssuedBy(last, root)) chains.push(chainOf([...path, root]));
    }
    for (const issuer of intermediates) {
      if (!path.some((known) => isSame(known, issuer)) && isIssuedBy(last, issuer)) {
        walk([...path, issuer], issuer);
      }
    }
  };
  if (!isForClients(leaf)) return [];
  // A set may name a certificate itself rather than its issuer.
  if (set.some((root) => isSame(root, leaf))) return [chainOf([leaf])];
  walk([leaf], leaf);
  return chains;
}

/** Whether one of the chains counts at a moment. */
export function isInTime(chains: readonly Chain[], nowMs: number): boolean {
  return chains.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs <= toMs);
}

function chainOf(path: readonly X509Certificate[]): Chain {
  return {
    fromMs: Math.max(...path.map((certificate) => certificate.validFromDate.getTime())),
    toMs: Math.min(...path.map((certificate) => certificate.validToDate.getTime())),
    endsInRoot: path.slice(-1).every((certificate) => certificate.checkIssued(certificate)),
  };
}

/** A certificate without the extension is for every use. `keyUsage` is Node's name for the extended key usage. */
function isForClients(certificate: X509Certificate): boolean {
  const uses: readonly string[] | undefined = certificate.keyUsage;
  return uses === undefined || uses.includes(CLIENT_AUTH) || uses.includes(ANY_EXTENDED_KEY_USAGE);
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.raw.equals(b.raw);
}
