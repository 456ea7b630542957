/** `127.0.0.1:8080`, `[::1]:0`, `localhost:8080`: where plain HTTP is served. */
import { InvalidArgumentError } from 'commander';
import { UsageError } from './errors.ts';

/** A host and a port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Parses an address. */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):([0-9]+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) {
    throw new InvalidArgumentError('It must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080.');
  }
  if (port > 65_535) throw new InvalidArgumentError('The port is out of range: it goes from 0 to 65535.');
  return { host, port };
}

/** Whether only who is on the machine can reach an address. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Passes addresses of the loopback interface, and any other only by the explicit word.
 * @throws UsageError: what is served says who did what, and plain HTTP asks nobody who they are
 */
export function refuseOpenAddress(address: ListenAddress, isInsecure: boolean): void {
  if (isInsecure || isLoopback(address)) return;
  throw new UsageError(
    `plain HTTP on ${address.host} would show everybody who can reach it who did what: use --secure-port, or listen on ` +
      'the loopback interface (127.0.0.1, [::1], localhost), or say --insecure',
  );
}
