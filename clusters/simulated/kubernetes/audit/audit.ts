import type { UserInfo } from '../authentication/user.ts';
import type { KubeObject } from '../object.ts';

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
  readonly resource:
    | {
        readonly group: string;
        readonly version: string;
        readonly resource: string;
        readonly subresource: string;
        readonly namespace: string;
        readonly name: string;
      }
    | undefined;
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
  readonly policy: unknown;
  /** `-` is standard output. */
  readonly path: string;
  /** Days, files, megabytes; 0 is without limit. */
  readonly maxAge: number;
  readonly maxBackup: number;
  readonly maxSize: number;
}
