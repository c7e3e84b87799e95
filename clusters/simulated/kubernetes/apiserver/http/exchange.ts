import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AuditTrail } from '../../audit/audit.ts';
import type { UserInfo } from '../../authentication/user.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { ApiError, badRequest } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { ComponentHealth } from '../component-health.ts';
import type { Registry, WriteContext } from '../registry/context.ts';
import type { KubeletClient } from '../kubelet-client.ts';
import type { ProxyNetwork } from '../proxy/network.ts';
import type { Security } from '../security.ts';
import type { Metrics } from './metrics.ts';
import type { RequestInfo } from './request-info.ts';

/** What every request of one running API server shares. */
export interface ServerParts {
  readonly registry: Registry;
  readonly security: Security;
  readonly cluster: Cluster;
  readonly kubelet: KubeletClient | undefined;
  readonly componentHealth: ComponentHealth;
  /** Absent: proxied requests answer `not simulated: …`. */
  readonly network: ProxyNetwork | undefined;
  readonly metrics: Metrics;
  readonly log: (line: string) => void;
}

/** One request on its way to its answer. */
export interface Exchange {
  readonly parts: ServerParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly info: RequestInfo;
  readonly auditId: string;
  /** When it is answered at the latest, in milliseconds since 1970. */
  readonly deadline: number;
  readonly user: UserInfo;
  readonly trail: AuditTrail | undefined;
  /** Texts of `299` warning headers, in order and without repetition. */
  readonly warnings: Set<string>;
  /** The raw connection of a request that asks to upgrade (exec, attach, portforward). */
  readonly upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
}

/** An exchange while the pipeline still finds out about it. */
export type OpenExchange = { -readonly [Part in keyof Exchange]: Exchange[Part] };

/** An exchange about a resource that is served. */
export interface ResourceExchange extends Exchange {
  readonly row: Resource;
}

/** 3 MiB, the limit of kube-apiserver's bodies (server/config.go MaxRequestBodyBytes). */
const LARGEST_BODY = 3 * 1024 * 1024;

/** The whole body. Throws 413 beyond the limit, 400 when the client goes away. */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LARGEST_BODY) {
      chunks.length = 0; // the rest is read and dropped so that the client gets to see the answer
      reject(new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LARGEST_BODY}`));
      if (size > LARGEST_BODY * 4) request.destroy();
    } else chunks.push(chunk);
  });
  request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  const broken = (): void => {
    if (!request.complete) reject(badRequest('unexpected EOF'));
  };
  request.on('error', broken);
  request.on('close', broken);
  return promise;
}

export const warn = (exchange: Exchange, text: string): void => {
  // Bounded as apiserver/pkg/warning does: a header that no client would read is of no use.
  if (exchange.warnings.size < 50) exchange.warnings.add(text.slice(0, 2048));
};

/** `kubectl/v1.35.2 (…)` names the manager `kubectl` unless the client says (handlers/create.go managerOrUserAgent). */
function managerOf({ info, request }: Exchange): string {
  const said = info.query.get('fieldManager');
  if (said) return said;
  const agent = request.headers['user-agent'] ?? '';
  return agent.split('/', 1)[0]!.slice(0, 128);
}

export function writeContext(exchange: Exchange, options: Readonly<Record<string, unknown>>): WriteContext {
  return {
    user: exchange.user,
    fieldManager: managerOf(exchange),
    dryRun: Array.isArray(options['dryRun']) && options['dryRun'].length > 0,
    options,
    subresource: exchange.info.subresource,
    warn: (text) => warn(exchange, text),
    annotate: (key, value) => exchange.trail?.annotate(key, value),
  };
}

/** The object under the name of the URL; throws 404. */
export function liveObject({ parts, row, info }: ResourceExchange): KubeObject | undefined {
  return parts.registry.store
    .shelf(row.storagePrefix)
    .get(row.namespaced ? `${info.namespace}/${info.name}` : info.name);
}
