/** The listener of an aggregated API server: TLS, with certificates and CAs that follow their files and the cluster. */
import type { Logger } from 'pino';
import { createApp, type AppOptions } from '../http/app.ts';
import { clientCaBundle } from '../http/auth/authentication-config.ts';
import type { HealthCheck } from '../http/health.ts';
import { startServer, type RunningServer } from '../http/server.ts';
import { followKeyPair, type Followed, type KeyPair } from '../http/tls-files.ts';
import type { TlsCredentials } from '../http/tls-options.ts';
import { accessCluster } from './cluster-access.ts';
import { ListenError, UsageError } from './errors.ts';
import { servingFiles, type ServingFlags } from './serving-options.ts';

/** A request that was on its way when closing began is still answered on its connection. */
const LINGER_MS = 1000;

/** What the two listeners' apps have in common. */
export type SharedAppOptions = Pick<
  AppOptions,
  | 'reader'
  | 'logger'
  | 'now'
  | 'metrics'
  | 'isRedacted'
  | 'version'
  | 'requestsInFlightMax'
  | 'requestTimeoutMs'
>;

/** A listener and what belongs to it. */
export interface Listener {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Listens on --secure-port, as soon as it is known whom to trust; undefined where the signal is aborted before that.
 * @throws UsageError, ListenError, ClusterError in words that say what to do
 */
export async function listenSecurely(
  flags: ServingFlags & { readonly securePort: number },
  shared: SharedAppOptions,
  readyChecks: readonly HealthCheck[],
  signal: AbortSignal,
): Promise<Listener | undefined> {
  const { logger } = shared;
  const files = servingFiles(flags);
  let server: RunningServer | undefined;
  const renew = (): void => server?.setCredentials(credentials());
  const keyPair = await followFiles(files, logger, renew);
  const cluster = await accessCluster(flags, logger, signal, renew);
  if (signal.aborted) {
    keyPair.close();
    await cluster.close();
    return undefined;
  }
  const credentials = (): TlsCredentials => ({
    ...keyPair.current(),
    caPem: clientCaBundle(cluster.config()),
  });
  const app = createApp({
    ...shared,
    access: cluster.access,
    clusterResources: cluster.resources,
    readyChecks: [...readyChecks, ...cluster.readyChecks],
  });
  try {
    server = await startServer(app, {
      host: flags.bindAddress,
      port: flags.securePort,
      lingerMs: LINGER_MS,
      tls: {
        credentials: credentials(),
        onHandshakeError: (error) => {
          shared.metrics.countHandshakeError();
          logger.debug({ err: error }, 'TLS handshake failed');
        },
      },
    });
  } catch (error) {
    keyPair.close();
    await cluster.close();
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot listen (${reason}): choose another --secure-port or --bind-address; port 0 takes a free one`;
    throw new ListenError(message, { cause: error });
  }
  // What has changed since the credentials were put together is not lost.
  renew();
  const { url } = server;
  return {
    url,
    close: async () => {
      keyPair.close();
      await server?.close();
      await cluster.close();
    },
  };
}

async function followFiles(
  { certFile, keyFile }: ReturnType<typeof servingFiles>,
  logger: Logger,
  onChange: () => void,
): Promise<Followed<KeyPair>> {
  try {
    return await followKeyPair(certFile, keyFile, { logger, onChange });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the certificate cannot be served: ${reason}`, { cause: error });
  }
}
