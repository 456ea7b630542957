/**
 * A serving certificate on disk as a mounted Secret has it: `tls.crt` and `tls.key` are links into `..data`, which is a link
 * to a folder of its own for each issue. So a reader that opens both files at any time gets two that belong together or,
 * between the two reads, one of each issue: just what kubelet's atomic writer gives
 * (kubernetes/pkg/volume/util/atomic_writer.go).
 */
import { copyFile, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateAuthority, KeyPair } from './pki.ts';

/** A certificate that can be renewed under its reader. */
export class ServingCertificate {
  readonly #folder: string;
  readonly #serverNames: readonly string[];
  #issue = 0;
  /** Paths that stay the same through every issue. */
  readonly pair: KeyPair;

  private constructor(folder: string, serverNames: readonly string[]) {
    this.#folder = folder;
    this.#serverNames = serverNames;
    this.pair = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  }

  /** Issues the first certificate into a new folder. */
  static async create(
    authority: CertificateAuthority,
    folder: string,
    serverNames: readonly string[],
  ): Promise<ServingCertificate> {
    await mkdir(folder, { recursive: true });
    const certificate = new ServingCertificate(folder, serverNames);
    await certificate.rotate(authority);
    await symlink(join('..data', 'tls.crt'), certificate.pair.cert);
    await symlink(join('..data', 'tls.key'), certificate.pair.key);
    return certificate;
  }

  /** Issues a new certificate and key, by the same or another authority, and swaps them in at once. */
  async rotate(authority: CertificateAuthority): Promise<void> {
    this.#issue += 1;
    const issued = await authority.issue({ commonName: 'kubeprovenance', serverNames: this.#serverNames });
    const name = `..${this.#issue}`;
    await mkdir(join(this.#folder, name));
    await copyFile(issued.cert, join(this.#folder, name, 'tls.crt'));
    await copyFile(issued.key, join(this.#folder, name, 'tls.key'));
    const next = join(this.#folder, '..data_tmp');
    await symlink(name, next);
    await rename(next, join(this.#folder, '..data'));
  }
}
