/** Certificates made for one test run: authorities, and what they issue. */
import type { webcrypto } from 'node:crypto';
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants its globals
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type JsonNameParams,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  Name,
  X509CertificateGenerator,
  Extension,
} from '@peculiar/x509';

/** What a certificate says. */
export interface CertificateRequest {
  /** The subject's parts in their order, each with its attributes. */
  readonly subject: JsonNameParams;
  /** `clientAuth` unless said otherwise; 'any' leaves the limit out. */
  readonly use?: 'clientAuth' | 'serverAuth' | 'any';
  /** Until when it is valid; a day from now unless said otherwise. */
  readonly notAfter?: Date;
  /** Extensions beside those. */
  readonly extensions?: readonly Extension[];
  /** Its key; like an authority's unless said otherwise. */
  readonly key?: 'rsa-1024' | 'rsa-2048';
}

/** A certificate and its key, as PEM. */
export interface IssuedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** What an authority may not do. */
export interface AuthorityLimits {
  /** false: it only pretends to be an authority. */
  readonly isCa?: boolean;
  /** What its certificates are for; without it, everything. */
  readonly use?: 'serverAuth';
  /** How many authorities may stand below it. */
  readonly pathLength?: number;
  /** A domain in which it may issue nothing. At most 100 ASCII characters. */
  readonly excludedDomain?: string;
  /** Until when it is valid; a day from now unless said otherwise. */
  readonly notAfter?: Date;
}

/** Who issues certificates. */
export interface Authority {
  readonly certPem: string;
  /** A certificate that is no CA's. */
  readonly issue: (request: CertificateRequest) => Promise<IssuedCertificate>;
  /** An authority below this one. */
  readonly intermediate: (commonName: string, limits?: AuthorityLimits) => Promise<Authority>;
  /** Another certificate of the same name and key, signed by itself. */
  readonly renewed: () => Promise<string>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
};
const DAY_MS = 86_400_000;
const USES = { clientAuth: '1.3.6.1.5.5.7.3.2', serverAuth: '1.3.6.1.5.5.7.3.1' };

/**
 * A new authority that answers to nobody.
 * @param hasKeyIds whether certificates say which key signed them, as those do that Go makes; else only names tell
 */
export async function createAuthority(commonName: string, hasKeyIds = false): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const subject: JsonNameParams = [{ CN: [commonName] }];
  const extensions: Extension[] = [new BasicConstraintsExtension(true, undefined, true)];
  if (hasKeyIds) extensions.push(await SubjectKeyIdentifierExtension.create(keys.publicKey));
  const certPem = await sign({ subject, issuer: subject, keys, by: keys, extensions });
  return authorityOf(subject, keys, certPem, hasKeyIds);
}

/** The subject of a user's certificate, in the shape that Kubernetes reads: common name and organizations. */
export function userSubject(commonName: string, ...organizations: readonly string[]): JsonNameParams {
  return [
    ...organizations.map((name) => ({ O: [{ utf8String: name }] })),
    { CN: [{ utf8String: commonName }] },
  ];
}

function authorityOf(
  issuer: JsonNameParams,
  by: webcrypto.CryptoKeyPair,
  certPem: string,
  hasKeyIds = false,
): Authority {
  return {
    certPem,
    renewed() {
      const extensions = [new BasicConstraintsExtension(true, undefined, true)];
      return sign({ subject: issuer, issuer, keys: by, by, extensions });
    },
    async issue({ subject, use = 'clientAuth', notAfter, extensions: more = [], key }) {
      const algorithm =
        key === undefined ? ALGORITHM : { ...RSA, modulusLength: Number(key.slice('rsa-'.length)) };
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const extensions: Extension[] = [new BasicConstraintsExtension(false, undefined, true), ...more];
      if (use !== 'any') extensions.push(new ExtendedKeyUsageExtension([USES[use]]));
      if (hasKeyIds) extensions.push(await AuthorityKeyIdentifierExtension.create(by.publicKey));
      if (use === 'serverAuth') {
        extensions.push(new SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]));
      }
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
      return {
        certPem: await sign({ subject, issuer, keys, by, extensions, notAfter }),
        keyPem: PemConverter.encode(pkcs8, 'PRIVATE KEY'),
      };
    },
    async intermediate(commonName, { isCa = true, use, pathLength, excludedDomain, notAfter } = {}) {
      const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const subject: JsonNameParams = [{ CN: [commonName] }];
      const extensions: Extension[] = [new BasicConstraintsExtension(isCa, pathLength, true)];
      if (use !== undefined) extensions.push(new ExtendedKeyUsageExtension([USES[use]]));
      if (excludedDomain !== undefined) extensions.push(excludeDomain(excludedDomain));
      if (hasKeyIds) {
        extensions.push(await SubjectKeyIdentifierExtension.create(keys.publicKey));
        extensions.push(await AuthorityKeyIdentifierExtension.create(by.publicKey));
      }
      const request = { subject, issuer, keys, by, extensions, notAfter };
      return authorityOf(subject, keys, await sign(request), hasKeyIds);
    },
  };
}

/** Name constraints, in DER: a sequence of [1], what is excluded, of one sequence of [2], a DNS name. */
function excludeDomain(domain: string): Extension {
  const name = Buffer.concat([Buffer.from([0x82, domain.length]), Buffer.from(domain)]);
  const subtree = Buffer.concat([Buffer.from([0x30, name.length]), name]);
  const excluded = Buffer.concat([Buffer.from([0xa1, subtree.length]), subtree]);
  return new Extension('2.5.29.30', true, Buffer.concat([Buffer.from([0x30, excluded.length]), excluded]));
}

let serialNumber = 0;

async function sign(request: {
  readonly subject: JsonNameParams;
  readonly issuer: JsonNameParams;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly by: webcrypto.CryptoKeyPair;
  readonly extensions: Extension[];
  readonly notAfter?: Date | undefined;
}): Promise<string> {
  serialNumber += 1;
  const { subject, issuer, keys, by, extensions, notAfter = new Date(Date.now() + DAY_MS) } = request;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber.toString(16).padStart(4, '0'),
    subject: new Name(subject),
    issuer: new Name(issuer),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter,
    publicKey: keys.publicKey,
    signingKey: by.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions,
  });
  return certificate.toString('pem');
}
