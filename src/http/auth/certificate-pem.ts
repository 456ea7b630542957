/** PEM bundles. Node's X509Certificate reads only the first certificate of one. */
import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * All certificates of a bundle. What stands between them (comments, keys) is passed over, as Go's ParseCertsPEM does.
 * @throws Error where there is none, or one that is no certificate
 */
export function parseCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) throw new Error('it holds no PEM certificate');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new Error(`its certificate ${index + 1} cannot be read`, { cause: error });
    }
  });
}
