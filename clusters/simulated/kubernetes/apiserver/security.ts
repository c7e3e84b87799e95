import type { Authenticator } from '../authentication/authenticator.ts';
import type { UserInfo } from '../authentication/user.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { AdmissionRequest } from '../admission/plugin.ts';
import type { KubeObject } from '../object.ts';
import type { GroupResource } from '../status.ts';

/**
 * What a set of API server flags makes: who is believed, what is allowed, what is written down and how it is stored.
 * A restart with other flags makes another one over the same store.
 */
export interface Security {
  readonly tls: ServingTls;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission: Admission;
  readonly sealer: Sealer;
  readonly audit: Auditor | undefined;
  /** Issues and reviews tokens. */
  readonly tokens: Tokens;
  /** Rules for SelfSubjectRulesReview. */
  rulesFor(user: UserInfo, namespace: string): RulesReview;
  /** Whether an anonymous request is let in at all (401 otherwise); decided by the path too. */
  readonly anonymous: (path: string) => boolean;
  /** Timers and watches of its parts; disposed when the API server stops. */
  [Symbol.dispose](): void;
}

/** PEM, as the files that the flags name hold it. */
export interface ServingTls {
  readonly key: Buffer | string;
  readonly certificate: Buffer | string;
  /** `--client-ca-file`; undefined: no certificate is believed. */
  readonly clientCa: Buffer | string | undefined;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL names joined by `:`. */
  readonly ciphers?: string;
}

export interface Admission {
  mutate(request: AdmissionRequest): Promise<void> | void;
  validate(request: AdmissionRequest): Promise<void> | void;
}

/** Encryption at rest. `key` is the etcd key, which authenticates the value. */
export interface Sealer {
  /** Whether values of this resource are held as sealed bytes; false lets the store keep them as objects. */
  applies(resource: GroupResource): boolean;
  toStorage(resource: GroupResource, key: string, bytes: Buffer): Buffer;
  /** Throws when no configured provider can read it. */
  fromStorage(resource: GroupResource, key: string, bytes: Buffer): Buffer;
}

export interface Tokens {
  /** TokenRequest: answers with its status filled (pkg/registry/core/serviceaccount/storage/token.go). */
  request(serviceAccount: KubeObject, request: KubeObject, user: UserInfo): Promise<KubeObject>;
  /** TokenReview: answers with its status filled. */
  review(review: KubeObject): Promise<KubeObject>;
  /** `/.well-known/openid-configuration` and `/openid/v1/jwks`; undefined when there is no issuer. */
  discovery(path: string): string | undefined;
}

export interface RulesReview {
  readonly resourceRules: readonly unknown[];
  readonly nonResourceRules: readonly unknown[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

/** apiserver/pkg/audit: told of each stage of a request that its policy keeps. */
export interface Auditor {
  begin(request: AuditedRequest): AuditTrail;
}

export interface AuditedRequest {
  readonly auditId: string;
  readonly verb: string;
  readonly requestUri: string;
  readonly userAgent: string;
  readonly sourceIps: readonly string[];
  readonly user: UserInfo;
  readonly impersonatedUser?: UserInfo;
  readonly receivedAt: number;
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
}

export interface AuditTrail {
  annotate(key: string, value: string): void;
  /** Whether the policy wants the bodies, so that nobody encodes them in vain. */
  readonly wantsRequest: boolean;
  readonly wantsResponse: boolean;
  requestObject(object: unknown): void;
  responseStarted(code: number): void;
  responseComplete(code: number, object?: unknown): void;
}
