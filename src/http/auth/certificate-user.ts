/**
 * The user whom a client certificate names.
 * Source: k8s.io/apiserver/pkg/authentication/request/x509/x509.go, CommonNameUserConversion.
 */
import type { CertificateSubject } from './client-certificate.ts';
import type { User } from './user.ts';

/** Extra that says which credential was used. Source: k8s.io/apiserver/pkg/authentication/user/user.go. */
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/** The user, undefined where the certificate has no common name, or what is wrong with it. */
export function certificateUser({
  commonName,
  organizations,
  uids,
  sha256,
}: CertificateSubject): User | undefined | { readonly problem: string } {
  if (commonName === '') return undefined;
  if (uids.length > 1) return { problem: 'its certificate has several uids' };
  if (uids[0] === '') return { problem: 'its certificate has an empty uid' };
  return {
    name: commonName,
    uid: uids[0] ?? '',
    groups: organizations,
    extra: new Map([[CREDENTIAL_ID, [`X509SHA256=${sha256}`]]]),
  };
}
