import type { AdmissionConfig } from '../admission/chain.ts';
import type { AuditConfig } from '../audit/audit.ts';
import type { AuthenticationConfig } from '../authentication/config.ts';
import type { AuthorizationConfig } from '../authorization/chain.ts';
import type { EncryptionAtRest } from '../encryption/transformer.ts';

/** Reads a file of the controlplane host; undefined when there is none. */
export type ReadFile = (path: string) => Promise<Buffer | undefined>;

/** Everything that flags and the files they name decide. */
export interface ServerConfig {
  readonly serving: ServingConfig;
  readonly authentication: AuthenticationConfig;
  readonly authorization: AuthorizationConfig;
  readonly admission: AdmissionConfig;
  readonly encryption: EncryptionAtRest;
  readonly audit: AuditConfig | undefined;
  /** Seconds; `--request-timeout`. */
  readonly requestTimeout: number;
  /** `--profiling`: whether /debug/pprof is served. */
  readonly profiling: boolean;
  /** `--service-cluster-ip-range`, `--service-node-port-range`. */
  readonly serviceClusterIpRange: string;
  readonly serviceNodePortRange: { readonly from: number; readonly to: number };
  /** `--runtime-config`, for instance `{ 'api/all': 'true' }`. */
  readonly runtimeConfig: Readonly<Record<string, string>>;
  /** `--allow-privileged`; false makes validation refuse privileged containers. */
  readonly allowPrivileged: boolean;
  /** `--kubelet-client-certificate` and friends were given. */
  readonly kubeletClient: {
    readonly certificate: string | undefined;
    readonly key: string | undefined;
    readonly certificateAuthority: string | undefined;
  };
  /** `--event-ttl` in seconds. */
  readonly eventTtl: number;
  /** Files read to make this; a change of the ones that are reloaded (`--encryption-provider-config-automatic-reload`) is for the caller to watch. */
  readonly files: readonly string[];
}

export interface ServingConfig {
  readonly bindAddress: string;
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM bundle of `--client-ca-file`; undefined means that client certificates count for nothing. */
  readonly clientCa: string | undefined;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL names, joined by colons; undefined for the default. */
  readonly ciphers: string | undefined;
}

/** `failed` is what the real server prints before it exits. */
export async function loadServerConfig(
  _argv: readonly string[],
  _read: ReadFile,
): Promise<{ readonly ok: ServerConfig } | { readonly failed: string }> {
  throw new Error('in the making');
}
