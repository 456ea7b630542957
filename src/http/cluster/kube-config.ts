/**
 * Where the API server is and who we are to it: from a kubeconfig file, else from the service account of the pod.
 *
 * Invariant: what is read is never older than the call. Tokens and certificates rotate in place, so that `read` goes to the
 * files each time; only a kubeconfig whose text has not changed is not parsed again, which keeps what its exec plugin said.
 */
import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { KubeConfig, type User } from '@kubernetes/client-node';
import { parseDocument } from 'yaml';
import {
  isArray,
  isObject,
  member,
  objectMember,
  stringMember,
  type JsonObject,
  type JsonValue,
} from '../../model/json.ts';
import { messageOf } from '../../model/message-of.ts';
import { ClusterError } from './cluster-error.ts';

/** Which kubeconfig. */
interface KubeConfigOptions {
  /** A kubeconfig file; undefined: the service account of the pod. */
  readonly path: string | undefined;
  /** The flag that gives the path, for messages: `--kubeconfig`. */
  readonly flag: string;
  /** What stands before `/var/run/secrets`; for tests. */
  readonly root?: string;
}

/** How to connect to an API server, and as whom. */
export interface ApiServerAccess {
  /** The URL, without a slash at its end. */
  readonly server: string;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: ClientTlsOptions;
  /** `proxy-url` of the cluster. */
  readonly proxyUrl: string | undefined;
}

/** What a TLS connection needs, in Node's words. */
type ClientTlsOptions = Pick<
  SecureContextOptions & ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

interface Loaded {
  /** The text of the kubeconfig file; undefined in a pod. */
  readonly text: string | undefined;
  readonly config: KubeConfig;
  /** A file with the bearer token. */
  readonly tokenPath: string | undefined;
}

/** One kubeconfig, as it is on disk at each moment. */
export class KubeConfigSource {
  readonly #options: KubeConfigOptions;
  #loaded: Loaded | undefined;

  constructor(options: KubeConfigOptions) {
    this.#options = options;
  }

  /** @throws ClusterError CLUSTER_CONFIG with what to do about it */
  async read(): Promise<ApiServerAccess> {
    try {
      this.#loaded = this.#load();
      return await accessOf(this.#loaded);
    } catch (error) {
      const { path, flag } = this.#options;
      const which = path === undefined ? "the pod's service account" : `the kubeconfig ${path}`;
      const advice = path === undefined ? `give a kubeconfig with ${flag}` : `see ${flag}`;
      // Without the cause, whose message may hold what problemOf leaves out.
      throw new ClusterError('CLUSTER_CONFIG', `${which} cannot be used: ${problemOf(error)}; ${advice}`);
    }
  }

  #load(): Loaded {
    const { path } = this.#options;
    if (path === undefined) return loadServiceAccount(this.#options.root ?? '');
    const text = readFileSync(path, 'utf8');
    return this.#loaded?.text === text ? this.#loaded : loadFile(text, dirname(resolve(path)));
  }
}

/** JSON is only read of exec plugins here, and the message of a SyntaxError quotes what it was given: a token, perhaps. */
function problemOf(error: unknown): string {
  return error instanceof SyntaxError ? 'its exec plugin wrote no JSON' : messageOf(error);
}

function loadServiceAccount(root: string): Loaded {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = process.env;
  if (host === '' || port === '') {
    throw new Error(
      'this is no pod: the environment has no KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT',
    );
  }
  const config = new KubeConfig();
  config.loadFromCluster(root);
  const user = config.getCurrentUser();
  const tokenPath: unknown = user?.authProvider?.config['tokenFile'];
  if (typeof tokenPath !== 'string') throw new Error('the client library knows no token file');
  return withTokenFile(config, undefined, tokenPath);
}

function loadFile(text: string, folder: string): Loaded {
  const document = parseKubeConfig(text);
  const config = new KubeConfig();
  config.loadFromString(JSON.stringify(document));
  config.makePathsAbsolute(folder);
  if (config.getCurrentCluster() === null) throw new Error('it has no current-context that names a cluster');
  const tokenFile = tokenFileIn(document, config.getCurrentUser()?.name);
  return withTokenFile(config, text, tokenFile === undefined ? undefined : resolve(folder, tokenFile));
}

/** The document in a kubeconfig; what is wrong is said without a word of the text, which may hold a token. */
function parseKubeConfig(text: string): JsonObject {
  const parsed = parseDocument(text, { prettyErrors: false });
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(`it is no YAML (${error.code}, at character ${error.pos[0]})`);
  const document: JsonValue = parsed.toJS();
  if (!isObject(document)) throw new Error('it is no kubeconfig');
  return document;
}

/** `tokenFile` of a user: client-node 2.0 does not know this member, and where it knows a file it keeps what it read. */
function tokenFileIn(document: JsonObject, userName: string | undefined): string | undefined {
  const users = member(document, 'users');
  for (const entry of isArray(users) ? users : []) {
    if (isObject(entry) && stringMember(entry, 'name') === userName) {
      return stringMember(objectMember(entry, 'user') ?? {}, 'tokenFile');
    }
  }
  return undefined;
}

/** The configuration with its token read by us and not by the library, which keeps it for a minute. */
function withTokenFile(config: KubeConfig, text: string | undefined, tokenPath: string | undefined): Loaded {
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (tokenPath === undefined || cluster === null || user === null) return { text, config, tokenPath };
  const { authProvider: _read, token: _kept, ...others } = user;
  const tokenless: User = others;
  const own = new KubeConfig();
  own.loadFromClusterAndUser(cluster, tokenless);
  return { text, config: own, tokenPath };
}

async function accessOf({ config, tokenPath }: Loaded): Promise<ApiServerAccess> {
  const cluster = config.getCurrentCluster();
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const token = tokenPath === undefined ? undefined : readFileSync(tokenPath, 'utf8');
  return {
    server: (cluster?.server ?? '').replace(/\/+$/, ''),
    headers: headersOf(options, token),
    tls: tlsOf(options),
    proxyUrl: cluster?.proxyUrl,
  };
}

function headersOf({ headers }: RequestOptions, token: string | undefined): Record<string, string> {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers ?? {})) all.set(name, String(value));
  if (token !== undefined) all.set('authorization', `Bearer ${token.trim()}`);
  return Object.fromEntries(all);
}

function tlsOf(options: RequestOptions): ClientTlsOptions {
  const { ca, cert, key, passphrase, rejectUnauthorized, servername } = options;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(passphrase !== undefined && { passphrase }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
    ...(servername !== undefined && { servername }),
  };
}
