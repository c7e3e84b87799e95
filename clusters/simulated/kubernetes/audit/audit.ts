import type { UserInfo } from '../authentication/user.ts';
import type { ResourceAttributes } from '../authorization/authorizer.ts';
import type { Clock } from '../../clock.ts';
import type { KubeObject } from '../object.ts';
import { judge, type Policy, type Stage } from './policy.ts';

/** What is known of a request when it arrives. */
export interface AuditedRequest {
  /** A UUID; also sent back as `Audit-Id`. */
  readonly id: string;
  readonly requestUri: string;
  /** API verb, lower case, for instance `list`. */
  readonly verb: string;
  readonly user: UserInfo;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string | undefined;
  /** Milliseconds since 1970. */
  readonly received: number;
  /** Undefined for non-resource requests. */
  readonly resource: ResourceAttributes | undefined;
}

/** One request on its way through; every method is cheap when the level asks for nothing. */
export interface AuditTrail {
  readonly wantsRequest: boolean;
  readonly wantsResponse: boolean;
  annotate(key: string, value: string): void;
  impersonated(user: UserInfo): void;
  requestObject(object: KubeObject): void;
  responseObject(object: KubeObject): void;
  /** Long-running requests (watch, exec) report when the answer begins. */
  responseStarted(code: number): void;
  complete(status: { readonly code: number; readonly reason?: string; readonly message?: string }): void;
}

export interface AuditLog {
  /** Undefined when the policy says None. */
  begin(request: AuditedRequest): AuditTrail | undefined;
}

export interface AuditConfig {
  readonly policy: Policy;
  /** Absolute path on the controlplane; `-` is standard output. */
  readonly path: string;
  readonly limits: LogLimits;
}

export interface LogLimits {
  /** Days that old files are kept, how many of them, and megabytes from which on a file is put aside; 0 is without limit (100 MB). */
  readonly maxAge: number;
  readonly maxBackup: number;
  readonly maxSize: number;
}

/** Takes whole lines, each with its newline. */
export type AuditSink = (line: string) => void;

/**
 * Writes audit events as JSON lines in upstream's shape (apiserver/pkg/audit/request.go, apis/audit/v1/types.go). Values of Secrets are
 * not treated specially: a policy that logs their bodies logs them, as upstream.
 */
export const auditLog = (policy: Policy, clock: Clock, sink: AuditSink): AuditLog => ({
  begin(request) {
    const path = request.requestUri.split('?')[0] ?? '';
    const verdict = judge(policy, { verb: request.verb, user: request.user, path, resource: request.resource });
    if (verdict.level === 'None') return undefined;
    const trail = new Trail(request, verdict, clock, sink);
    trail.write('RequestReceived');
    return trail;
  },
});

class Trail implements AuditTrail {
  readonly wantsRequest: boolean;
  readonly wantsResponse: boolean;
  readonly #event: Record<string, unknown>;
  readonly #verdict: ReturnType<typeof judge>;
  readonly #clock: Clock;
  readonly #sink: AuditSink;
  readonly #annotations = new Map<string, string>();

  constructor(request: AuditedRequest, verdict: ReturnType<typeof judge>, clock: Clock, sink: AuditSink) {
    this.#verdict = verdict;
    this.#clock = clock;
    this.#sink = sink;
    this.wantsRequest = verdict.level === 'Request' || verdict.level === 'RequestResponse';
    this.wantsResponse = verdict.level === 'RequestResponse';
    this.#event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: verdict.level,
      auditID: request.id,
      stage: '',
      requestURI: request.requestUri,
      verb: request.verb,
      user: userOf(request.user),
      impersonatedUser: undefined,
      sourceIPs: request.sourceIPs,
      userAgent: request.userAgent,
      objectRef: request.resource === undefined ? undefined : objectRef(request.resource),
      responseStatus: undefined,
      requestObject: undefined,
      responseObject: undefined,
      requestReceivedTimestamp: microTime(request.received),
      stageTimestamp: '',
      annotations: undefined,
    };
  }

  annotate(key: string, value: string): void {
    // What a webhook patched is part of the request's body (audit/request.go, webhook/mutating/dispatcher.go).
    if (key.startsWith('patch.webhook.admission.k8s.io/') && !this.wantsRequest) return;
    if (!this.#annotations.has(key)) this.#annotations.set(key, value);
  }

  impersonated(user: UserInfo): void {
    this.#event['impersonatedUser'] = userOf(user);
  }

  requestObject(object: KubeObject): void {
    if (!this.wantsRequest) return;
    this.#event['requestObject'] = this.#trimmed(object);
    const reference = this.#event['objectRef'] as Record<string, string> | undefined;
    if (reference !== undefined && reference['name'] === undefined && object.metadata?.name) {
      this.#event['objectRef'] = { ...reference, name: object.metadata.name };
    }
  }

  responseObject(object: KubeObject): void {
    if (this.wantsResponse) this.#event['responseObject'] = this.#trimmed(object);
  }

  responseStarted(code: number): void {
    this.#event['responseStatus'] = { metadata: {}, code };
    this.write('ResponseStarted');
  }

  complete({ code, reason, message }: { code: number; reason?: string; message?: string }): void {
    const failed = code >= 400;
    this.#event['responseStatus'] = {
      metadata: {},
      ...(failed ? { status: 'Failure' } : {}),
      ...(message === undefined ? {} : { message }),
      ...(reason === undefined ? {} : { reason }),
      code,
    };
    this.write('ResponseComplete');
  }

  write(stage: Stage): void {
    if (this.#verdict.omitStages.has(stage)) return;
    this.#event['stage'] = stage;
    this.#event['stageTimestamp'] = microTime(this.#clock.now());
    if (this.#annotations.size > 0)
      this.#event['annotations'] = Object.fromEntries([...this.#annotations].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#sink(`${JSON.stringify(this.#event)}\n`);
  }

  #trimmed(object: KubeObject): KubeObject {
    if (!this.#verdict.omitManagedFields || object.metadata?.managedFields === undefined) return object;
    const { managedFields: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  }
}

const userOf = ({ username, uid, groups, extra }: UserInfo): Record<string, unknown> => ({
  username,
  ...(uid === undefined || uid === '' ? {} : { uid }),
  groups,
  ...(Object.keys(extra).length === 0 ? {} : { extra }),
});

function objectRef(resource: NonNullable<AuditedRequest['resource']>): Record<string, string> {
  const { resource: plural, namespace, name, group, version, subresource } = resource;
  const fields = { resource: plural, namespace, name, apiGroup: group, apiVersion: version, subresource };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

/** metav1.MicroTime; a clock knows milliseconds. */
const microTime = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 23)}000Z`;
