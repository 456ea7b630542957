/**
 * Plain requests to the API server as one identity, for what kubectl cannot send or would be slow to.
 */
import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import { parseJson, type JsonValue } from '../../../src/model/json.ts';
import type { Manifest } from './manifests.ts';
import type { KeyPair } from './pki.ts';

/** Who asks: a client certificate, a bearer token, or the file that holds one. */
export type Credentials =
  { readonly pair: KeyPair } | { readonly token: string } | { readonly tokenFile: string };

/** One request. `body` is sent as JSON. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType?: string;
  readonly userAgent?: string;
  /** More headers (`impersonate-user`, …). */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
}

/** The answer; `body` is what JSON.parse made of it, or the text if it is no JSON. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: JsonValue;
}

/** A client with a bounded number of connections. */
export class ApiClient {
  readonly #pool: Pool;
  readonly #authorization: Readonly<Record<string, string>>;

  private constructor(pool: Pool, authorization: Readonly<Record<string, string>>) {
    this.#pool = pool;
    this.#authorization = authorization;
  }

  static async create(
    server: string,
    caPath: string,
    credentials: Credentials,
    connections = 4,
  ): Promise<ApiClient> {
    const ca = await readFile(caPath, 'utf8');
    if (!('pair' in credentials)) {
      const pool = new Pool(server, { connections, connect: { ca } });
      const token =
        'token' in credentials ? credentials.token : await readFile(credentials.tokenFile, 'utf8');
      return new ApiClient(pool, { authorization: `Bearer ${token}` });
    }
    const cert = await readFile(credentials.pair.cert, 'utf8');
    const key = await readFile(credentials.pair.key, 'utf8');
    return new ApiClient(new Pool(server, { connections, connect: { ca, cert, key } }), {});
  }

  async send({ method, path, contentType, userAgent, headers, body }: ApiRequest): Promise<ApiResponse> {
    const {
      statusCode,
      headers: answerHeaders,
      body: answer,
    } = await this.#pool.request({
      method,
      path,
      headers: {
        ...this.#authorization,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
        ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: statusCode, headers: answerHeaders, body: parseOrText(text) };
  }

  /** As `send`, where anything but success is an error. @returns the answer's body */
  async expect(request: ApiRequest): Promise<JsonValue> {
    const { status, body } = await this.send(request);
    if (status < 300) return body;
    throw new Error(`${request.method} ${request.path}: ${status} ${JSON.stringify(body)}`);
  }

  /** Brings an object about by server-side apply, whether it is there or not. `path` is the object's. */
  async apply(path: string, manifest: Manifest): Promise<void> {
    const query = '?fieldManager=kubeprovenance-e2e&force=true';
    const contentType = 'application/apply-patch+yaml';
    await this.expect({ method: 'PATCH', path: `${path}${query}`, contentType, body: manifest });
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}

function parseOrText(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
