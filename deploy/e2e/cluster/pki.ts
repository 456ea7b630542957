/**
 * Certificates of a throw-away cluster, made by openssl.
 *
 * A user's certificate is that user's identity: its common name is `user.username` in the audit log, its organizations
 * are the groups. Every pair is a new file under the authority's own folder; a file is never written twice.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './processes.ts';

const DAYS = 30;
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** Paths of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** A certificate to be issued. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** `subjectAltName` entries (`DNS:…`, `IP:…`) of a server's certificate; without them the certificate is a client's. */
  readonly serverNames?: readonly string[];
  /** 30 by default. */
  readonly days?: number;
}

/** One certificate authority, with a folder of its own. */
export class CertificateAuthority {
  readonly #folder: string;
  #issued = 0;
  /** The authority's own certificate (what a client trusts) and key. */
  readonly pair: KeyPair;

  private constructor(folder: string) {
    this.#folder = folder;
    this.pair = pairOf(folder, 'ca');
  }

  /** Makes an authority in a new folder below `parent`, named as its subject is. */
  static async create(parent: string, commonName: string): Promise<CertificateAuthority> {
    const folder = join(parent, fileName(commonName));
    await mkdir(folder, { recursive: true });
    const authority = new CertificateAuthority(folder);
    const files = ['-keyout', authority.pair.key, '-out', authority.pair.cert];
    const subject = ['-subj', `/CN=${subjectPart(commonName)}`, '-days', String(DAYS)];
    await openssl(folder, ['req', '-x509', ...EC_KEY, ...files, ...subject]);
    return authority;
  }

  /** The authority's certificate, in PEM. */
  async readCertificate(): Promise<string> {
    return readFile(this.pair.cert, 'utf8');
  }

  /** Issues a certificate with a key of its own. */
  async issue(request: CertificateRequest): Promise<KeyPair> {
    const { commonName, organizations = [], serverNames, days = DAYS } = request;
    this.#issued += 1;
    const file = `${this.#issued}-${fileName(commonName)}`;
    const pair = pairOf(this.#folder, file);
    const csr = join(this.#folder, `${file}.csr`);
    const extensions = join(this.#folder, `${file}.ext`);
    const subject = [
      ...organizations.map((name) => `/O=${subjectPart(name)}`),
      `/CN=${subjectPart(commonName)}`,
    ].join('');
    await writeFile(
      extensions,
      serverNames === undefined
        ? 'extendedKeyUsage=clientAuth\n'
        : `subjectAltName=${serverNames.join(',')}\nextendedKeyUsage=serverAuth\n`,
    );
    const words = ['req', '-utf8', ...EC_KEY, '-keyout', pair.key, '-out', csr, '-subj', subject];
    await openssl(this.#folder, words);
    // A random serial: a serial file would be raced for by certificates that are issued at once.
    const serial = ['-set_serial', `0x00${randomBytes(15).toString('hex')}`];
    const issuer = ['-CA', this.pair.cert, '-CAkey', this.pair.key, ...serial];
    const result = ['-out', pair.cert, '-days', String(days), '-extfile', extensions];
    await openssl(this.#folder, ['x509', '-req', '-in', csr, ...issuer, ...result]);
    return pair;
  }
}

/** A key with which service account tokens are signed. */
export async function createSigningKey(folder: string): Promise<string> {
  const key = join(folder, 'service-accounts.key');
  await openssl(folder, ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', key]);
  return key;
}

function pairOf(folder: string, file: string): KeyPair {
  return { cert: join(folder, `${file}.crt`), key: join(folder, `${file}.key`) };
}

/** A name as part of a file's name. */
export function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_');
}

/** A value inside openssl's `-subj`, where a slash begins the next attribute and a plus joins two. */
function subjectPart(value: string): string {
  return value.replaceAll(/[\\/+]/g, String.raw`\$&`);
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand('openssl', args, { cwd });
  if (exitCode !== 0) throw new Error(`openssl ${args[0] ?? ''}: ${stderr.trim()}`);
}
