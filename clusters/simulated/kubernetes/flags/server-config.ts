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
  validate(flags);
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
    warnings: resetsAnonymousAuth(flags) ? [ANONYMOUS_RESET] : [],
    reloaded: encryption !== '' && flags.flag('encryption-provider-config-automatic-reload', false) ? [encryption] : [],
  };
}

const ANONYMOUS_RESET =
  'AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. You should use a different authorizer';

/** The cross-checks of options.Validate that a learner meets (cmd/kube-apiserver/app/options/validation.go and what it calls). */
function validate(flags: FlagReader): void {
  const problems: string[] = [];
  const port = flags.number('secure-port', 6443);
  if (port < 1 || port > 65535) {
    problems.push(`--secure-port ${port} must be between 1 and 65535, inclusive. It cannot be turned off with 0`);
  }
  if (flags.list('etcd-servers').length === 0) problems.push('--etcd-servers must be specified');
  for (const name of ['audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize']) {
    if (flags.number(name, 0) < 0) problems.push(`--${name} ${flags.number(name, 0)} can't be a negative number`);
  }
  if (flags.number('request-timeout', 60) < 0) problems.push('--request-timeout can not be negative value');
  if (flags.number('max-requests-inflight', 400) < 0)
    problems.push('--max-requests-inflight can not be negative value');
  if (flags.number('max-mutating-requests-inflight', 200) < 0) {
    problems.push('--max-mutating-requests-inflight can not be negative value');
  }
  if (flags.list('service-account-issuer').length === 0) problems.push('service-account-issuer is a required flag');
  const oidc = ['oidc-issuer-url', 'oidc-client-id'].filter((name) => flags.text(name) !== '');
  if (oidc.length === 1) {
    problems.push('oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set');
  }
  const mode = flags.text('audit-log-mode', 'blocking');
  if (!['batch', 'blocking', 'blocking-strict'].includes(mode)) {
    problems.push(`invalid audit log mode ${mode}, allowed modes are "batch,blocking,blocking-strict"`);
  }
  const format = flags.text('audit-log-format', 'json');
  if (format !== 'json' && format !== 'legacy')
    problems.push(`invalid audit log format ${format}, allowed formats are "legacy,json"`);
  if (problems.length > 0) throw new StartupError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
}

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
