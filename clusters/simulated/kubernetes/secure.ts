import { buildAdmission } from './admission/chain.ts';
import { auditLog } from './audit/audit.ts';
import { auditLogFile, type LogFiles } from './audit/log-file.ts';
import { buildAuthenticator } from './authentication/chain.ts';
import { impersonate } from './authentication/impersonation.ts';
import { TokenIssuer } from './authentication/token-issuer.ts';
import { reviewToken } from './authentication/token-review.ts';
import type { Attributes } from './authorization/authorizer.ts';
import { buildAuthorizer } from './authorization/chain.ts';
import type { Dial } from './callout/https-call.ts';
import type { ReadFile } from './flags/read-file.ts';
import { loadServerConfig, type ServerConfig } from './flags/server-config.ts';
import type { Randomness } from './randomness.ts';
import type { Cluster } from './store/cluster.ts';
import type { Secure, Security } from './apiserver/security.ts';

/** What the API server's process is lent by the machine it runs on. */
export interface SecureParts {
  readonly read: ReadFile;
  readonly dial: Dial;
  readonly randomness: Randomness;
  /** Where audit logs are written; absent: nowhere. */
  readonly logFiles?: LogFiles;
  readonly log: (line: string) => void;
  /** Told of the configuration that the flags made, for whoever else depends on it (listeners, service ranges, file watches). */
  readonly configured?: (config: ServerConfig) => void;
}

/** Makes the parts of the API server from its flags and the files they name, as kube-apiserver does when it starts. */
export const secureFromFlags =
  (parts: SecureParts): Secure =>
  async (argv, cluster) => {
    const loaded = await loadServerConfig(argv, parts.read);
    if ('failed' in loaded) return loaded;
    for (const warning of loaded.ok.warnings) parts.log(warning);
    parts.configured?.(loaded.ok);
    return { ok: secureWith(loaded.ok, parts, cluster) };
  };

function secureWith(config: ServerConfig, parts: SecureParts, cluster: Cluster): Security {
  const authenticator = buildAuthenticator(config.authentication, cluster, parts.dial);
  const authorizer = buildAuthorizer(config.authorization, cluster, parts.dial);
  const admission = buildAdmission(config.admission, {
    cluster,
    authorizer,
    randomness: parts.randomness,
    dial: parts.dial,
  });
  const { serviceAccounts } = config.authentication;
  const issuer = new TokenIssuer(serviceAccounts, cluster, () => parts.randomness.uuid());
  const { audit } = config;
  const sink =
    audit === undefined
      ? undefined
      : audit.path === '-' || parts.logFiles === undefined
        ? (line: string): void => parts.log(line.trimEnd())
        : auditLogFile(audit.path, audit.limits, parts.logFiles, cluster.clock, (error) =>
            parts.log(`cannot write the audit log: ${(error as Error).message}`),
          ).sink;
  return {
    serving: config.serving,
    authenticator,
    authorizer,
    rulesFor: (user, namespace) => authorizer.rulesFor(user, namespace),
    admission,
    encryption: config.encryption,
    audit: audit && sink ? auditLog(audit.policy, cluster.clock, sink) : undefined,
    tokens: {
      request: (account, request) => Promise.resolve(issuer.request(account, request)),
      review: (review) => reviewToken(review, authenticator, serviceAccounts.apiAudiences),
      discovery: (path) => issuer.discovery(path),
    },
    kubelet: config.kubeletClient,
    profiling: config.profiling,
    requestTimeout: config.requestTimeout,
    impersonate: (user, headers, what) =>
      impersonate(user, headers, what as Omit<Attributes, 'user'> as never, authorizer),
    [Symbol.dispose]() {
      authorizer[Symbol.dispose]();
    },
  };
}
