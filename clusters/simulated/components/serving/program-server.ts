import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { handedHttps } from '../../daemons/go-tls.ts';
import { answer } from '../../daemons/http-body.ts';
import { requestUser } from '../../daemons/kubelet-api/request-user.ts';
import { isForReading, statusOf } from '../../kubernetes/apiserver/http/respond.ts';
import { type ServingConfig, type ServingPair, selfSigned } from '../../kubernetes/flags/serving-config.ts';
import { ApiError } from '../../kubernetes/status.ts';
import type { Caller, Reviews } from '../access/reviews.ts';
import { endpointAnswer, type Endpoints } from './program-endpoints.ts';

export interface ProgramServerOptions {
  readonly endpoints: Endpoints;
  readonly terms: Pick<ServingConfig, 'minVersion' | 'ciphers' | 'curves'>;
  /** Undefined where it signs its own. */
  readonly pair: ServingPair | undefined;
  /** PEM of the authorities of its callers' certificates; undefined where these count for nothing. Asked for at the first connection. */
  readonly clientAuthorities: () => string | undefined;
  readonly alwaysAllowPaths: readonly string[];
  /** Whether it asks the API server who its callers are, and what they may. */
  readonly delegates: { readonly authentication: boolean; readonly authorization: boolean };
  readonly reviews: Reviews;
  /** Where those are asked, for its words when nobody answers: `https://10.10.0.10:6443`. */
  readonly server: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const ANONYMOUS: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
/** Whom nobody needs to ask about (apiserver/pkg/server/options/authorization.go AlwaysAllowGroups). */
const MASTERS = 'system:masters';

/** The secure port of kube-scheduler or kube-controller-manager: it knows its callers and what they may by asking the API server. */
export class ProgramServer {
  readonly #options: ProgramServerOptions;
  /** Made at the first connection, which most labs never see. */
  #accept: ((socket: Socket) => void) | undefined;

  constructor(options: ProgramServerOptions) {
    this.#options = options;
  }

  accept(socket: Socket): void {
    this.#accept ??= this.#open();
    this.#accept(socket);
  }

  /** The status of its answer to somebody without credentials. */
  async statusFor(path: string): Promise<number> {
    const url = new URL(path, 'https://program');
    return (await this.#refusal(ANONYMOUS, 'get', url)) ?? endpointAnswer(this.#options.endpoints, url).status;
  }

  #open(): (socket: Socket) => void {
    const { terms, pair, clientAuthorities, now } = this.#options;
    const moment = Math.floor(now() / 1000);
    const own = { authority: `localhost-ca@${moment}`, commonName: `localhost@${moment}`, dnsNames: ['localhost'] };
    const { certificate, key } = pair ?? selfSigned(own, now());
    const ca = clientAuthorities();
    const options: ServerOptions = {
      cert: certificate,
      key,
      minVersion: terms.minVersion,
      ...(terms.ciphers === undefined ? {} : { ciphers: terms.ciphers }),
      ...(terms.curves === undefined ? {} : { ecdhCurve: terms.curves }),
      ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }),
    };
    return handedHttps(options, this.#listener(ca !== undefined));
  }

  #listener(takesCertificates: boolean): RequestListener {
    const { delegates, reviews, endpoints } = this.#options;
    const authentication = {
      anonymous: { enabled: true },
      webhook: { enabled: delegates.authentication },
      x509: { clientCAFile: takesCertificates ? 'ca.crt' : '' },
    };
    const asked = { authenticateToken: (token: string) => reviews.authenticate(token) };
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const at = request.url ?? '/';
      const url = new URL(at, 'https://program');
      const caller = await requestUser(request, { authentication }, asked);
      if (caller === undefined) return sendStatus(request, response, 401, 'Unauthorized', 'Unauthorized');
      const verb = (request.method ?? 'GET').toLowerCase();
      const refusal = await this.#refusal(caller, verb, url);
      if (refusal === 403) {
        const why = `forbidden: User ${JSON.stringify(caller.name)} cannot ${verb} path ${JSON.stringify(url.pathname)}`;
        return sendStatus(request, response, 403, 'Forbidden', why);
      }
      if (refusal === 500) {
        const review = `${this.#options.server}/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s`;
        const { host } = new URL(this.#options.server);
        const why = `Post ${JSON.stringify(review)}: dial tcp ${host}: connect: connection refused`;
        return answer(response, 500, `Internal Server Error: ${JSON.stringify(at)}: ${why}\n`);
      }
      const { status, body, type } = endpointAnswer(endpoints, url);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      answer(response, status, body, type);
    };
    return (request, response) => {
      serve(request, response).catch(() => response.destroy()); // a client that has gone, or a malformed path
    };
  }

  /** 403 and 500 as it answers them; undefined for who may ask (apiserver/pkg/endpoints/filters/authorization.go). */
  async #refusal(caller: Caller, verb: string, { pathname }: URL): Promise<403 | 500 | undefined> {
    const { alwaysAllowPaths, delegates, reviews } = this.#options;
    const allows = (path: string): boolean => {
      const wanted = path.startsWith('/') ? path : `/${path}`;
      return wanted.endsWith('*') ? pathname.startsWith(wanted.slice(0, -1)) : pathname === wanted;
    };
    if (alwaysAllowPaths.some(allows) || caller.groups.includes(MASTERS)) return undefined;
    if (!delegates.authorization) return 403;
    const may = await reviews.mayDo(caller, { nonResourceAttributes: { path: pathname, verb } });
    if (may === undefined) return 500;
    return may ? undefined : 403;
  }
}

/** A `metav1.Status`, as any server of Kubernetes refuses somebody. */
function sendStatus(
  request: IncomingMessage,
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
): void {
  const details = code === 403 ? {} : undefined;
  const status = statusOf(new ApiError(code, reason, message, details));
  answer(
    response,
    code,
    `${JSON.stringify(status, null, isForReading(request.headers['user-agent']) ? 2 : 0)}\n`,
    'application/json',
  );
}
