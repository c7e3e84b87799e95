import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { AuditTrail } from '../../audit/audit.ts';
import type { Authenticator, Credentials } from '../../authentication/authenticator.ts';
import type { UserInfo } from '../../authentication/user.ts';
import type { Attributes, Decision, RequestAttributes } from '../../authorization/authorizer.ts';
import { forbiddenRequest } from '../../authorization/forbidden.ts';
import { ApiError } from '../../status.ts';
import type { Exchange, OpenExchange, ServerParts } from './exchange.ts';
import { scopeOf } from './metrics.ts';
import { timeAllotted } from './request-deadline.ts';
import { readRequestInfo, type RequestInfo } from './request-info.ts';
import { sendError, statusOf } from './respond.ts';

/** Requests in the making at once; more are told to come again (`--max-requests-inflight` + `--max-mutating-requests-inflight`). */
const MOST_IN_FLIGHT = 600;
const LONG_RUNNING = new Set(['watch', 'proxy', 'connect']);
const STREAMED = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** What serves a request that got through. It answers, or throws an `ApiError`. */
export type Route = (exchange: Exchange) => void | Promise<void>;

/**
 * TLS → authentication → audit → impersonation → authorization → route (apiserver/pkg/server/config.go DefaultBuildHandlerChain).
 */
export class Pipeline {
  readonly #parts: ServerParts;
  readonly #route: Route;
  #inFlight = 0;

  constructor(parts: ServerParts, route: Route) {
    this.#parts = parts;
    this.#route = route;
  }

  /** Never throws or rejects; whatever goes wrong is answered. */
  async handle(request: IncomingMessage, response: ServerResponse, upgrade?: Exchange['upgrade']): Promise<void> {
    const received = this.#parts.registry.clock.now();
    const info = readRequestInfo(request.method ?? 'GET', request.url ?? '/');
    const auditId = auditIdOf(request, this.#parts);
    const exchange: OpenExchange = {
      parts: this.#parts,
      request,
      response,
      info,
      auditId,
      deadline: received + this.#parts.security.requestTimeout * 1000,
      user: NOBODY,
      trail: undefined,
      warnings: new Set(),
      upgrade,
    };
    const long = LONG_RUNNING.has(info.verb) || STREAMED.has(info.subresource);
    let failure: ApiError | undefined;
    if (!long) this.#inFlight++;
    try {
      if (this.#inFlight > MOST_IN_FLIGHT) {
        throw new ApiError(429, 'TooManyRequests', 'Too many requests, please try again later.', {
          retryAfterSeconds: 1,
        });
      }
      const user = this.#authenticate(request, info);
      exchange.user = user instanceof Promise ? known(await user) : known(user);
      exchange.trail = this.#beginAudit(exchange, received);
      if (!long) exchange.deadline = received + timeAllotted(info.query, this.#parts.security.requestTimeout);
      if (asksToImpersonate(request)) await this.#impersonate(exchange);
      const allowed = this.#authorize(exchange);
      if (allowed !== undefined) await allowed;
      await this.#route(exchange);
    } catch (error) {
      failure = error instanceof ApiError ? error : this.#unexpected(error, info);
      if (!response.headersSent && !response.destroyed) sendError(exchange, failure);
      else response.destroy();
    } finally {
      if (!long) this.#inFlight--;
      this.#finish(exchange, failure);
    }
  }

  #finish({ request, response, info, trail }: Exchange, failure: ApiError | undefined): void {
    const code = failure?.code ?? response.statusCode;
    const { group, version, resource, subresource } = info;
    const verb = isApply(request, info) ? 'apply' : info.verb;
    const dryRun = info.query.size > 0 && info.query.get('dryRun') === 'All';
    const scope = scopeOf(info);
    this.#parts.metrics.count({ verb, group, version, resource, subresource, scope, dryRun, code });
    if (!trail) return;
    const status = failure ? { code, reason: failure.reason, message: failure.message } : { code };
    if (failure && trail.wantsResponse) trail.responseObject(statusOf(failure) as never);
    if (response.writableEnded || response.destroyed) trail.complete(status);
    else response.once('close', () => trail.complete(status));
  }

  #authenticate(request: IncomingMessage, info: RequestInfo): ReturnType<Authenticator['authenticate']> {
    return this.#parts.security.authenticator.authenticate(credentialsOf(request, info.path));
  }

  #beginAudit({ request, info, user, auditId: id }: Exchange, received: number): AuditTrail | undefined {
    const { audit } = this.#parts.security;
    if (!audit) return undefined;
    const { group, version, resource, subresource, namespace, name } = info;
    return audit.begin({
      id,
      requestUri: request.url ?? '/',
      verb: info.verb,
      user,
      sourceIPs: [(request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')],
      userAgent: request.headers['user-agent'],
      received,
      resource: info.isResource ? { group, version, resource, subresource, namespace, name } : undefined,
    });
  }

  async #impersonate(exchange: OpenExchange): Promise<void> {
    const { request, info, user, trail } = exchange;
    const headers = distinctHeaders(request.rawHeaders);
    const acting = await this.#parts.security.impersonate(user, headers, attributesOf(info));
    if (!acting) return;
    trail?.impersonated(acting);
    exchange.user = acting;
  }

  /** Synchronous as long as the authorizer is. */
  #authorize(exchange: Exchange): Promise<void> | undefined {
    const attributes: Attributes = { ...attributesOf(exchange.info), user: exchange.user };
    const answer = this.#parts.security.authorizer.authorize(attributes);
    if (answer instanceof Promise) return answer.then((decision) => this.#obey(exchange, attributes, decision));
    this.#obey(exchange, attributes, answer);
    return undefined;
  }

  #obey({ trail }: Exchange, attributes: Attributes, decision: Decision): void {
    trail?.annotate('authorization.k8s.io/decision', decision.decision === 'allow' ? 'allow' : 'forbid');
    trail?.annotate('authorization.k8s.io/reason', decision.reason);
    if (decision.decision === 'allow') return;
    throw forbiddenRequest(attributes, decision.reason);
  }

  #unexpected(error: unknown, info: RequestInfo): ApiError {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.log(`unexpected error while answering ${info.verb} ${info.path}: ${what.replaceAll('\n', ' | ')}`);
    const said = error instanceof Error ? error.message : 'unknown';
    return new ApiError(500, 'InternalError', `Internal error occurred: ${said}`, {
      causes: [{ reason: '', message: said }],
    });
  }
}

function known(user: UserInfo | undefined): UserInfo {
  if (!user) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return user;
}

/** A patch of that kind is counted as an APPLY (endpoints/metrics/metrics.go cleanVerb). */
const isApply = ({ headers }: IncomingMessage, { verb }: RequestInfo): boolean =>
  verb === 'patch' && headers['content-type']?.startsWith('application/apply-patch+') === true;

function asksToImpersonate({ headers }: IncomingMessage): boolean {
  for (const name in headers) if (name.startsWith('impersonate-')) return true;
  return false;
}

const NOBODY: UserInfo = { username: '', groups: [], extra: {} };

export function attributesOf(info: RequestInfo): RequestAttributes {
  if (!info.isResource) return { isResource: false, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, namespace, name } = info;
  const fieldSelector = info.query.size === 0 ? null : info.query.get('fieldSelector');
  const attributes = { isResource: true, verb, group, version, resource, subresource, namespace, name } as const;
  return fieldSelector === null || fieldSelector === '' ? attributes : { ...attributes, fieldSelector };
}

/** Several groups are several headers. Node's `headersDistinct` is not there for HTTP/2. */
function distinctHeaders(raw: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let i = 0; i + 1 < raw.length; i += 2) (headers[raw[i]!.toLowerCase()] ??= []).push(raw[i + 1]!);
  return headers;
}

function auditIdOf(request: IncomingMessage, { registry }: ServerParts): string {
  const said = request.headers['audit-id'];
  return typeof said === 'string' && /^[\w-]{1,64}$/.test(said) ? said : registry.randomness.uuid();
}

const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** What the certificate of a connection says; it does not change while the connection lives. */
const certificates = new WeakMap<object, Pick<Credentials, 'certificate' | 'certificateRejected'>>();

function credentialsOf(request: IncomingMessage, path: string): Credentials {
  const socket = request.socket as TLSSocket;
  // HTTP/2 requests of one session each show a proxy of the socket; the session stands for the connection.
  const connection = (request as { stream?: { session?: object } }).stream?.session ?? socket;
  let shown = certificates.get(connection);
  if (!shown) {
    shown = certificateOf(socket);
    certificates.set(connection, shown);
  }
  const protocols = request.headers['sec-websocket-protocol'];
  const offered = protocols
    ?.split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  return {
    authorization: request.headers.authorization,
    ...(offered === undefined
      ? {}
      : { webSocketToken: Buffer.from(offered.slice(BEARER_PROTOCOL.length), 'base64url').toString() }),
    ...shown,
    path,
  };
}

function certificateOf(socket: TLSSocket): Pick<Credentials, 'certificate' | 'certificateRejected'> {
  const peer = socket.getPeerCertificate?.() as
    | { subject?: { CN?: string | string[]; O?: string | string[] }; raw?: Buffer }
    | undefined;
  if (!peer?.subject) return { certificate: undefined, certificateRejected: false };
  if (!socket.authorized) return { certificate: undefined, certificateRejected: true };
  const { CN, O } = peer.subject;
  return {
    certificate: {
      fingerprint: createHash('sha256')
        .update(peer.raw ?? '')
        .digest('hex'),
      commonName: (Array.isArray(CN) ? CN.at(-1) : CN) ?? '',
      organizations: O === undefined ? [] : Array.isArray(O) ? O : [O],
    },
    certificateRejected: false,
  };
}
