/**
 * The options with which `serve` becomes an aggregated API server. Their names, and where it makes sense their defaults, are
 * those of k8s.io/apiserver (pkg/server/options), so that an operator of Kubernetes knows them.
 */
import { InvalidArgumentError, Option } from 'commander';
import { REQUEST_TIMEOUT_MS, REQUESTS_IN_FLIGHT_MAX } from '../http/app.ts';
import { REQUEST_HEADER_DEFAULTS } from '../http/auth/authentication-config.ts';
import { ALWAYS_ALLOW_PATHS } from '../http/auth/authorizer.ts';
import { durationOption, type DurationBounds } from './duration-option.ts';
import { UsageError } from './errors.ts';
import { positiveInteger } from './options.ts';

/** What the command line says about the listener that authenticates. */
export interface ServingFlags {
  /** undefined: there is no such listener. */
  readonly securePort?: number;
  readonly bindAddress: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly requestheaderClientCaFile?: string;
  readonly requestheaderAllowedNames: readonly string[];
  readonly requestheaderUsernameHeaders: readonly string[];
  readonly requestheaderUidHeaders: readonly string[];
  readonly requestheaderGroupHeaders: readonly string[];
  readonly requestheaderExtraHeadersPrefix: readonly string[];
  readonly kubeconfig?: string;
  readonly authenticationKubeconfig?: string;
  readonly authorizationKubeconfig?: string;
  readonly authenticationSkipLookup: boolean;
  readonly authenticationTolerateLookupFailure: boolean;
  readonly authenticationTokenWebhookCacheTtl: number;
  readonly authorizationWebhookCacheAuthorizedTtl: number;
  readonly authorizationWebhookCacheUnauthorizedTtl: number;
  readonly authorizationAlwaysAllowPaths: readonly string[];
  readonly maxRequestsInflight: number;
  readonly requestTimeout: number;
  readonly shutdownDelayDuration: number;
}

const REVIEW_TTL_MS = 10_000;
const HOUR_MS = 3_600_000;

const REQUEST_TIMEOUT_BOUNDS: DurationBounds = { minMs: 1000, maxMs: 24 * HOUR_MS, words: 'from 1s to 24h' };
const SHUTDOWN_DELAY_BOUNDS: DurationBounds = { minMs: 0, maxMs: HOUR_MS, words: 'from 0 to 1h' };
const TTL_BOUNDS: DurationBounds = { minMs: 0, maxMs: 24 * HOUR_MS, words: 'from 0 to 24h' };

/** The options of ServingFlags. */
export function servingOptions(): Option[] {
  return [
    new Option(
      '--secure-port <port>',
      'port for HTTPS with authentication and authorization; 0 takes a free one. Without it there is no such listener',
    ).argParser(portNumber),
    new Option('--bind-address <address>', 'address for --secure-port').default('0.0.0.0'),
    new Option(
      '--tls-cert-file <file>',
      'certificate to serve, with its intermediates; read again when it changes',
    ),
    new Option('--tls-private-key-file <file>', 'the key of --tls-cert-file'),
    new Option(
      '--client-ca-file <file>',
      'CAs whose client certificates name users; by default those of the cluster',
    ),
    new Option(
      '--requestheader-client-ca-file <file>',
      "CAs of the front proxy, kube-apiserver; by default the cluster's, with the headers that go with them",
    ),
    list(
      '--requestheader-allowed-names <names>',
      'common names of the front proxy of --requestheader-client-ca-file; none means any',
      [],
    ),
    list(
      '--requestheader-username-headers <names>',
      'headers with the user',
      REQUEST_HEADER_DEFAULTS.usernameHeaders,
    ),
    list(
      '--requestheader-uid-headers <names>',
      "headers with the user's uid",
      REQUEST_HEADER_DEFAULTS.uidHeaders,
    ),
    list(
      '--requestheader-group-headers <names>',
      'headers with a group',
      REQUEST_HEADER_DEFAULTS.groupHeaders,
    ),
    list(
      '--requestheader-extra-headers-prefix <prefixes>',
      'prefixes of headers with more about the user',
      REQUEST_HEADER_DEFAULTS.extraHeadersPrefixes,
    ),
    new Option('--kubeconfig <file>', "the cluster to ask; by default the pod's own, by its service account"),
    new Option(
      '--authentication-kubeconfig <file>',
      'for TokenReviews and the CAs of the cluster; by default --kubeconfig',
    ),
    new Option('--authorization-kubeconfig <file>', 'for SubjectAccessReviews; by default --kubeconfig'),
    new Option(
      '--authentication-skip-lookup',
      'take the CAs only from flags, not from the ConfigMap extension-apiserver-authentication',
    ).default(false),
    new Option(
      '--authentication-tolerate-lookup-failure',
      'start although that ConfigMap cannot be read: until it can, the front proxy and client certificates of the cluster are not trusted',
    ).default(false),
    durationOption(
      '--authentication-token-webhook-cache-ttl <duration>',
      'how long a TokenReview counts',
      REVIEW_TTL_MS,
      TTL_BOUNDS,
    ),
    durationOption(
      '--authorization-webhook-cache-authorized-ttl <duration>',
      'how long a SubjectAccessReview that allows counts',
      REVIEW_TTL_MS,
      TTL_BOUNDS,
    ),
    durationOption(
      '--authorization-webhook-cache-unauthorized-ttl <duration>',
      'how long one that denies counts',
      REVIEW_TTL_MS,
      TTL_BOUNDS,
    ),
    list(
      '--authorization-always-allow-paths <paths>',
      'paths that everybody may get; a * at the end stands for the rest',
      ALWAYS_ALLOW_PATHS,
      allowedPath,
    ),
    new Option(
      '--max-requests-inflight <count>',
      'requests answered at once; more are told to come again (429)',
    )
      .default(REQUESTS_IN_FLIGHT_MAX)
      .argParser(positiveInteger),
    durationOption(
      '--request-timeout <duration>',
      'how long a request may take (then 504); kube-apiserver itself gives up after 60s',
      REQUEST_TIMEOUT_MS,
      REQUEST_TIMEOUT_BOUNDS,
    ),
    durationOption(
      '--shutdown-delay-duration <duration>',
      'how long to go on serving after SIGTERM while /readyz fails, so that nobody is sent here any more',
      0,
      SHUTDOWN_DELAY_BOUNDS,
    ),
  ];
}

/** Options of ServingFlags that mean something for a plain listener too. */
const FOR_ALL_LISTENERS: ReadonlySet<string> = new Set([
  'maxRequestsInflight',
  'requestTimeout',
  'shutdownDelayDuration',
]);

/**
 * Refuses what was given and would be ignored: a wish about security that is not heard is worse than an error.
 * @param isGiven whether the option with this attribute was given on the command line
 * @throws UsageError
 */
export function refuseLostServingFlags(flags: ServingFlags, isGiven: (attribute: string) => boolean): void {
  const given = servingOptions().filter((option) => isGiven(option.attributeName()));
  const lost = given.find((option) => !FOR_ALL_LISTENERS.has(option.attributeName()));
  if (flags.securePort === undefined && lost !== undefined) {
    throw new UsageError(`${lost.long} is given, but no --secure-port: give one, such as 8443`);
  }
  const header = given.find(({ long }) => long?.startsWith('--requestheader-') === true);
  if (header !== undefined && flags.requestheaderClientCaFile === undefined) {
    throw new UsageError(
      `${header.long} is given, but no --requestheader-client-ca-file: without it the cluster says whom to trust, and by which headers`,
    );
  }
}

/**
 * The certificate and key to serve.
 * @throws UsageError where one is missing
 */
export function servingFiles(flags: ServingFlags): { readonly certFile: string; readonly keyFile: string } {
  const { tlsCertFile: certFile, tlsPrivateKeyFile: keyFile } = flags;
  if (certFile === undefined || keyFile === undefined) {
    throw new UsageError(
      '--secure-port needs --tls-cert-file and --tls-private-key-file: a certificate for SERVICE.NAMESPACE.svc and its key',
    );
  }
  return { certFile, keyFile };
}

function list(
  flags: string,
  description: string,
  values: readonly string[],
  parse = (item: string): string => item,
): Option {
  return new Option(flags, `${description}, separated by commas`)
    .default(values, values.length === 0 ? 'none' : values.join(','))
    .argParser((text: string) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map(parse),
    );
}

function allowedPath(path: string): string {
  if (path.slice(0, -1).includes('*'))
    throw new InvalidArgumentError('A * may only stand at the end of a path.');
  return path;
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port, from 0 to 65535.');
}
