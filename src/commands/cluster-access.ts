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
import { messageOf } from '../model/message-of.ts';
import { UsageError } from './errors.ts';
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

/** A flag that names a kubeconfig. */
interface KubeconfigFlag {
  readonly flag: string;
  readonly name: 'kubeconfig' | 'authenticationKubeconfig' | 'authorizationKubeconfig';
}

const KUBECONFIG: KubeconfigFlag = { flag: '--kubeconfig', name: 'kubeconfig' };
const AUTHENTICATION_KUBECONFIG: KubeconfigFlag = {
  flag: '--authentication-kubeconfig',
  name: 'authenticationKubeconfig',
};
const AUTHORIZATION_KUBECONFIG: KubeconfigFlag = {
  flag: '--authorization-kubeconfig',
  name: 'authorizationKubeconfig',
};

/**
 * Connects. Resolves when it is known whom to trust.
 * @param onChange told when whom to trust has changed, and it is in force already; what it throws undoes the change
 * @throws ClusterError where there is no usable kubeconfig; UsageError where a CA file is no good
 */
export async function accessCluster(
  flags: ServingFlags,
  logger: Logger,
  signal: AbortSignal,
  onChange: () => void,
): Promise<ClusterAccess> {
  const connections: ClusterConnection[] = [];
  const clientOf = async (flag: KubeconfigFlag, ...others: KubeconfigFlag[]): Promise<ClusterClient> => {
    const given = [flag, ...others].find((one) => flags[one.name] !== undefined);
    const path = given === undefined ? undefined : flags[given.name];
    // Without any, the one that serves all is the one to give.
    const kubeConfig = new KubeConfigSource({ path, flag: (given ?? KUBECONFIG).flag });
    await kubeConfig.read();
    const connection = new ClusterConnection({ kubeConfig, logger });
    connections.push(connection);
    return createClusterClient(connection);
  };
  // Connections of their own for each, even to one server as one identity: anybody can flood us with tokens, and who is
  // known already must be authorized all the same, and the ConfigMap kept fresh.
  const tokens = await clientOf(AUTHENTICATION_KUBECONFIG, KUBECONFIG);
  const configMap = await clientOf(AUTHENTICATION_KUBECONFIG, KUBECONFIG);
  const authorization = await clientOf(AUTHORIZATION_KUBECONFIG, KUBECONFIG);
  const discovery = await clientOf(KUBECONFIG, AUTHORIZATION_KUBECONFIG);

  const files = await followCaFiles(flags, logger, onChange);
  let published: AuthenticationConfig = { requestHeader: undefined, clientCa: undefined };
  const config = (): AuthenticationConfig => mergeAuthenticationConfig(files.config(), published);
  const watch = flags.authenticationSkipLookup
    ? undefined
    : new AuthenticationConfigWatch({
        client: configMap,
        logger,
        apply: (data) => {
          const before = published;
          published = parseAuthenticationConfigMap(data);
          try {
            onChange();
          } catch (error) {
            // What TLS does not take vouches for nobody either.
            published = before;
            throw error;
          }
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
        reviewToken: tokens.reviewToken,
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
      await Promise.all(connections.map((connection) => connection.close()));
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
  const follow = async (path: string | undefined): Promise<Followed<string> | undefined> => {
    try {
      return path === undefined ? undefined : await followCaFile(path, { logger, onChange });
    } catch (error) {
      throw new UsageError(`the CAs cannot be used: ${messageOf(error)}`, { cause: error });
    }
  };
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
