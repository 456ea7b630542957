/**
 * How `serve` knows who asks and what they may do: its connections to the cluster, kept fresh until the signal is aborted.
 *
 * It fails closed: without the ConfigMap that says whom to trust as a front proxy, it does not start (unless it is told to
 * tolerate that), and whoever it cannot ask the cluster about is refused.
 */
import type { Logger } from 'pino';
import type { AccessControl } from '../http/auth/access-control.ts';
import {
  mergeAuthenticationConfig,
  parseAuthenticationConfigMap,
  type AuthenticationConfig,
} from '../http/auth/authentication-config.ts';
import { createAuthenticator } from '../http/auth/authenticator.ts';
import { createAuthorizer } from '../http/auth/authorizer.ts';
import { AuthenticationConfigWatch } from '../http/cluster/authentication-config-watch.ts';
import { createClusterClient, type ClusterClient } from '../http/cluster/cluster-client.ts';
import { ClusterConnection } from '../http/cluster/cluster-connection.ts';
import { ClusterResources } from '../http/cluster/cluster-resources.ts';
import { KubeConfigSource } from '../http/cluster/kube-config.ts';
import type { HealthCheck } from '../http/health.ts';
import { followCaFile, type Followed } from '../http/tls-files.ts';
import type { ServingFlags } from './serving-options.ts';

/** What the cluster is needed for. */
export interface ClusterAccess {
  readonly access: AccessControl;
  readonly resources: ClusterResources;
  /** Whose certificates to trust at this moment. */
  readonly config: () => AuthenticationConfig;
  readonly readyChecks: readonly HealthCheck[];
  readonly close: () => Promise<void>;
}

/**
 * Connects. Resolves when it is known whom to trust.
 * @param onChange told when whom to trust has changed
 * @throws ClusterError where there is no usable kubeconfig; Error where a CA file is no good
 */
export async function accessCluster(
  flags: ServingFlags,
  logger: Logger,
  signal: AbortSignal,
  onChange: () => void,
): Promise<ClusterAccess> {
  const connections = new Map<string, ClusterConnection>();
  const clientFor = async (flag: string, path: string | undefined): Promise<ClusterClient> => {
    const known = connections.get(path ?? '');
    if (known !== undefined) return createClusterClient(known);
    const kubeConfig = new KubeConfigSource({ path, flag });
    await kubeConfig.read();
    const connection = new ClusterConnection({ kubeConfig, logger });
    connections.set(path ?? '', connection);
    return createClusterClient(connection);
  };
  const authentication = await clientFor(
    '--authentication-kubeconfig',
    flags.authenticationKubeconfig ?? flags.kubeconfig,
  );
  const authorization = await clientFor(
    '--authorization-kubeconfig',
    flags.authorizationKubeconfig ?? flags.kubeconfig,
  );
  const discovery = await clientFor('--kubeconfig', flags.kubeconfig ?? flags.authorizationKubeconfig);

  const files = await followCaFiles(flags, logger, onChange);
  let published: AuthenticationConfig = { requestHeader: undefined, clientCa: undefined };
  const config = (): AuthenticationConfig => mergeAuthenticationConfig(files.config(), published);
  const watch = flags.authenticationSkipLookup
    ? undefined
    : new AuthenticationConfigWatch({
        client: authentication,
        logger,
        apply: (data) => {
          published = parseAuthenticationConfigMap(data);
          onChange();
        },
      });
  const synced = watch?.start(signal);
  if (!flags.authenticationTolerateLookupFailure) await synced;
  const resources = new ClusterResources({ client: discovery, logger });
  // Nothing waits for it: what is recorded is known without the cluster.
  void resources.start(signal);
  return {
    access: {
      authenticate: createAuthenticator({
        config,
        reviewToken: authentication.reviewToken,
        tokenTtlMs: flags.authenticationTokenWebhookCacheTtl,
        logger,
        nowMs: Date.now,
      }),
      authorize: createAuthorizer({
        reviewAccess: authorization.reviewAccess,
        logger,
        allowTtlMs: flags.authorizationWebhookCacheAuthorizedTtl,
        denyTtlMs: flags.authorizationWebhookCacheUnauthorizedTtl,
        alwaysAllowPaths: flags.authorizationAlwaysAllowPaths,
      }),
    },
    resources,
    config,
    readyChecks:
      watch === undefined ? [] : [{ name: 'authentication-config', isHealthy: () => watch.isSynced }],
    close: async () => {
      files.close();
      await Promise.all([...connections.values()].map((connection) => connection.close()));
    },
  };
}

interface FollowedCaFiles {
  readonly config: () => AuthenticationConfig;
  readonly close: () => void;
}

async function followCaFiles(
  flags: ServingFlags,
  logger: Logger,
  onChange: () => void,
): Promise<FollowedCaFiles> {
  const follow = async (path: string | undefined): Promise<Followed<string> | undefined> =>
    path === undefined ? undefined : followCaFile(path, { logger, onChange });
  const [client, frontProxy] = await Promise.all([
    follow(flags.clientCaFile),
    follow(flags.requestheaderClientCaFile),
  ]);
  return {
    config: () => ({
      clientCa: client?.current(),
      requestHeader: frontProxy && {
        clientCa: frontProxy.current(),
        allowedNames: flags.requestheaderAllowedNames,
        usernameHeaders: flags.requestheaderUsernameHeaders,
        uidHeaders: flags.requestheaderUidHeaders,
        groupHeaders: flags.requestheaderGroupHeaders,
        extraHeadersPrefixes: flags.requestheaderExtraHeadersPrefix,
      },
    }),
    close: () => {
      client?.close();
      frontProxy?.close();
    },
  };
}
