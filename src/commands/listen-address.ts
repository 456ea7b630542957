/** `127.0.0.1:8080`, `[::1]:0`, `localhost:8080`: where plain HTTP may be served. */
import { InvalidArgumentError } from 'commander';

/** A host and a port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses an address of the loopback interface.
 * @throws InvalidArgumentError for any other: what is served says who did what, and plain HTTP asks nobody who they are
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):([0-9]+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) {
    throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080.');
  }
  if (port > 65_535) throw new InvalidArgumentError('The port is out of range: it goes from 0 to 65535.');
  if (host !== 'localhost' && host !== '::1' && !/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)) {
    throw new InvalidArgumentError(
      'Plain HTTP is served on the loopback interface only (127.0.0.1, [::1], localhost).',
    );
  }
  return { host, port };
}
