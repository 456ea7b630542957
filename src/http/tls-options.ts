/** What TLS needs to serve, and how. */
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { parseCertificates } from './auth/certificate-pem.ts';

/** A certificate with its key, and whose certificates clients may show. All PEM. */
export interface TlsCredentials {
  /** The certificate, and after it the intermediates. */
  readonly certPem: string;
  readonly keyPem: string;
  /** All CAs of client certificates together; '' where none is trusted. */
  readonly caPem: string;
}

/**
 * All options of a secure context. Every change of credentials needs all of them again.
 *
 * No tickets: versions of Node say `authorized` for a resumed session on which nobody ever showed a certificate
 * (nodejs/node#35317). No renegotiation: a connection keeps the certificate with which it began. An empty list of CAs is not
 * the same as none: without one, Node would trust the CAs of the web.
 * @throws Error where OpenSSL does not take them, such as a key that is not the certificate's
 */
export function secureContextOptions({ certPem, keyPem, caPem }: TlsCredentials): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: certPem,
    key: keyPem,
    // One by one: OpenSSL passes over what stands on one line with the end of another.
    ca: caPem === '' ? [] : parseCertificates(caPem).map((certificate) => certificate.toString()),
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  // A server whose new context fails has lost half of its old options already.
  createSecureContext(options);
  return options;
}
