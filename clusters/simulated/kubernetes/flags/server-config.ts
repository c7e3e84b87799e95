import type { AdmissionConfig } from '../admission/chain.ts';
import type { AuditConfig } from '../audit/audit.ts';
import { readPolicy } from '../audit/policy.ts';
import type { AuthenticationConfig } from '../authentication/config.ts';
import type { AuthorizationConfig } from '../authorization/chain.ts';
import { readEncryptionConfiguration } from '../encryption/configuration.ts';
import { STORED_PLAIN, type EncryptionAtRest } from '../encryption/transformer.ts';
import { admissionConfig } from './admission-config.ts';
import { authenticationConfig, resetsAnonymousAuth } from './authentication-config.ts';
import { authorizationConfig } from './authorization-config.ts';
import { FlagReader } from './flag-reader.ts';
import { parseFlags } from './parse.ts';
import type { KubeletTls } from '../apiserver/proxy/network.ts';
import type { ReadFile } from './read-file.ts';
import { servingConfig, type ServingConfig } from './serving-config.ts';
import { StartupError } from './startup-error.ts';
import { DEPRECATED_FLAGS } from './table.ts';
import { validateFlags } from './validate.ts';

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
  /** `--runtime-config`, for instance `{ 'api/all': 'true' }`. */
  readonly runtimeConfig: Readonly<Record<string, string>>;
  /** `--allow-privileged`; false makes validation refuse privileged containers. */
  readonly allowPrivileged: boolean;
  /** PEM of the files that `--kubelet-client-certificate` and its like name. */
  readonly kubeletClient: KubeletTls;
  /** `--event-ttl` in seconds. */
  readonly eventTtl: number;
  /** What the server says in its log about flags that it does not take as they are. */
  readonly warnings: readonly string[];
  /** Files that were read to make this. */
  readonly files: readonly string[];
  /** Ones among them whose change alone calls for making it again (`--encryption-provider-config-automatic-reload`). */
  readonly reloaded: readonly string[];
}

export type LoadedConfig = { readonly ok: ServerConfig } | { readonly failed: string };

/**
 * Makes the configuration of an API server from its command line (without the program's name) and the files it names. `failed` is the
 * line the real server leaves in its log before it exits (k8s.io/component-base/cli/run.go).
 */
export async function loadServerConfig(argv: readonly string[], read: ReadFile): Promise<LoadedConfig> {
  const parsed = parseFlags(argv);
  if ('failed' in parsed) return parsed;
  const files = new Set<string>();
  const reading: ReadFile = (path) => {
    files.add(path);
    return read(path);
  };
  try {
    return { ok: { ...(await load(new FlagReader(parsed.ok), reading)), files: [...files] } };
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return { failed: `"command failed" err=${JSON.stringify(error.message)}` };
  }
}

async function load(flags: FlagReader, read: ReadFile): Promise<Omit<ServerConfig, 'files'>> {
  validateFlags(flags);
  const encryption = flags.text('encryption-provider-config');
  return {
    serving: await servingConfig(flags, read),
    authentication: await authenticationConfig(flags, read),
    authorization: await authorizationConfig(flags, read),
    admission: await admissionConfig(flags, read),
    encryption: encryption === '' ? STORED_PLAIN : await encryptionConfig(encryption, read),
    audit: await auditConfig(flags, read),
    requestTimeout: flags.number('request-timeout', 60),
    profiling: flags.flag('profiling', true),
    runtimeConfig: flags.map('runtime-config'),
    allowPrivileged: flags.flag('allow-privileged', false),
    kubeletClient: {
      certificate: await pem(flags.text('kubelet-client-certificate'), read),
      key: await pem(flags.text('kubelet-client-key'), read),
      certificateAuthority: await pem(flags.text('kubelet-certificate-authority'), read),
    },
    eventTtl: flags.number('event-ttl', 3600),
    warnings: [...deprecations(flags), ...(resetsAnonymousAuth(flags) ? [ANONYMOUS_RESET] : [])],
    reloaded: encryption !== '' && flags.flag('encryption-provider-config-automatic-reload', false) ? [encryption] : [],
  };
}

/** As pflag says it. */
const deprecations = (flags: FlagReader): string[] =>
  Object.entries(DEPRECATED_FLAGS)
    .filter(([name]) => flags.has(name))
    .map(([name, text]) => `Flag --${name} has been deprecated, ${text}`);

const ANONYMOUS_RESET =
  'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer';

const pem = async (path: string, read: ReadFile): Promise<string | undefined> =>
  path === '' ? undefined : (await read(path))?.toString('utf8');

async function encryptionConfig(path: string, read: ReadFile): Promise<EncryptionAtRest> {
  const built = readEncryptionConfiguration(path, (await read(path))?.toString('utf8'));
  if ('failed' in built) throw new StartupError(built.failed);
  return built.ok;
}

/** Without a policy file nothing is logged, with one but no path neither (options/audit.go). */
async function auditConfig(flags: FlagReader, read: ReadFile): Promise<AuditConfig | undefined> {
  const path = flags.text('audit-policy-file');
  if (path === '') return undefined;
  const policy = readPolicy(path, (await read(path))?.toString('utf8'));
  if ('failed' in policy) throw new StartupError(policy.failed);
  const log = flags.text('audit-log-path');
  if (log === '') return undefined;
  return {
    policy: policy.ok,
    path: log,
    limits: {
      maxAge: flags.number('audit-log-maxage', 0),
      maxBackup: flags.number('audit-log-maxbackup', 0),
      maxSize: flags.number('audit-log-maxsize', 0),
    },
  };
}
