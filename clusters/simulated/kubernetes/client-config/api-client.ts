import { type Dial, httpsCall } from '../callout/https-call.ts';
import type { ClientConfig } from './client-config.ts';
import { ClientConfigError } from './kubeconfig-file.ts';
import { serverUrl } from './server-url.ts';
import { tlsProblem } from './tls-problem.ts';

/** What became of a request: an answer below 400, or why there is none in the words of client-go. */
export type Asked =
  | { readonly outcome: 'answered'; readonly status: number }
  | { readonly outcome: 'failed'; readonly error: string; readonly status?: number };

export interface ApiClientOptions {
  /** Connects from the machine that the client runs on. */
  readonly dial: Dial;
  readonly userAgent: string;
}

export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  /** JSON unless said. */
  readonly contentType?: string;
}

/** A component's own client of the API server. */
export class ApiClient {
  /** Where it asks, for instance `https://10.10.0.10:6443`. */
  readonly server: string;
  readonly #config: ClientConfig;
  readonly #options: ApiClientOptions;

  /** Throws `ClientConfigError` for what client-go makes no client of (client-go/rest/config.go RESTClientFor). */
  constructor(config: ClientConfig, options: ApiClientOptions) {
    const problem = tlsProblem(config);
    if (problem !== undefined) throw new ClientConfigError(problem);
    this.server = serverUrl(config);
    this.#config = config;
    this.#options = options;
  }

  /**
   * Sends a request and gives its answer, whatever its status, with the text of its body. Rejects in the words of Go's net package where
   * there is none.
   */
  ask({
    method,
    path,
    body,
    contentType = 'application/json',
  }: ClientRequest): Promise<{ status: number; body: string }> {
    const headers = { ...this.#headers(), accept: 'application/json' };
    return this.#call(method, path, body === undefined ? headers : { ...headers, 'content-type': contentType }, body);
  }

  /** Asks for a path with its query. `what` is the resource, and the name, that an answer without words is about: `leases x`. */
  async get(path: string, what: string): Promise<Asked> {
    const url = `${this.server}${path}`;
    try {
      const { status, body } = await this.#call('GET', path, this.#headers());
      if (status < 400) return { outcome: 'answered', status };
      return { outcome: 'failed', status, error: messageOf(body) ?? withoutWords(status, what) };
    } catch (error) {
      return { outcome: 'failed', error: `Get ${JSON.stringify(url)}: ${(error as Error).message}` };
    }
  }

  #call(
    method: ClientRequest['method'],
    path: string,
    headers: Readonly<Record<string, string>>,
    body?: object,
  ): Promise<{ status: number; body: string }> {
    const { certificateAuthority, clientCertificate, serverName, skipVerify } = this.#config;
    return httpsCall({
      url: `${this.server}${path}`,
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      certificateAuthority,
      clientCertificate,
      serverName,
      skipVerify,
      timeoutMs: TIMEOUT_MS,
      dial: this.#options.dial,
    });
  }

  #headers(): Readonly<Record<string, string>> {
    const { token, basic, as } = this.#config;
    const credentials = basic && Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    return {
      'user-agent': this.#options.userAgent,
      accept: METADATA_WILL_DO,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(credentials === undefined ? {} : { authorization: `Basic ${credentials}` }),
      ...(as === undefined ? {} : { 'impersonate-user': as }),
    };
  }
}

/** Milliseconds; what the kubelet gives a request for its lease. */
const TIMEOUT_MS = 10_000;

/** Nobody looks at what is listed, and all of a cluster's Secrets may be large. */
const METADATA_WILL_DO = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';

/** The message of a Status object. */
function messageOf(body: string): string | undefined {
  try {
    const { kind, message } = JSON.parse(body) as { kind?: unknown; message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What client-go makes of a refusal that is no Status (apimachinery/pkg/api/errors/errors.go NewGenericServerResponse). */
const withoutWords = (status: number, what: string): string =>
  `${status === 404 ? 'the server could not find the requested resource' : 'the server rejected our request for an unknown reason'} (get ${what})`;
