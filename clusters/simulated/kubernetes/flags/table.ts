/**
 * kube-apiserver's flags by name and type: those of the reference page
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/), `tls-curve-preferences`, new in 1.36, the ones
 * of the JSON log format, which the page leaves out, and the deprecated ones that `--help` hides.
 */
export type FlagType =
  | 'string'
  | 'strings'
  | 'stringArray'
  | 'bool'
  | 'int'
  | 'int32'
  | 'int32s'
  | 'uint'
  | 'float'
  | 'duration'
  | 'ip'
  | 'portRange'
  | 'map'
  | 'gates'
  | 'quantity';

/** Names of flags by their type, separated by blanks. */
export type FlagNames = Readonly<Partial<Record<FlagType, string>>>;

const NAMES: FlagNames = {
  string: `admission-control-config-file allow-metric-labels-manifest audit-log-format audit-log-mode audit-log-path audit-log-version
    audit-policy-file audit-webhook-config-file audit-webhook-mode audit-webhook-version authentication-config
    authentication-token-webhook-config-file authentication-token-webhook-version authorization-config authorization-policy-file
    authorization-webhook-config-file authorization-webhook-version cert-dir client-ca-file debug-socket-path
    egress-selector-config-file encryption-provider-config endpoint-reconciler-type etcd-cafile etcd-certfile etcd-keyfile etcd-prefix
    external-hostname kubelet-certificate-authority kubelet-client-certificate kubelet-client-key logging-format oidc-ca-file
    oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url oidc-username-claim oidc-username-prefix peer-advertise-ip
    peer-advertise-port peer-ca-file proxy-client-cert-file proxy-client-key-file requestheader-client-ca-file
    service-account-jwks-uri service-account-signing-endpoint service-account-signing-key-file service-cluster-ip-range
    show-hidden-metrics-for-version storage-backend storage-media-type tls-cert-file tls-min-version tls-private-key-file
    token-auth-file tracing-config-file vmodule`,
  strings: `api-audiences authorization-mode cors-allowed-origins disable-admission-plugins disabled-metrics emulated-version
    enable-admission-plugins etcd-servers etcd-servers-overrides kubelet-preferred-address-types min-compatibility-version
    oidc-signing-algs requestheader-allowed-names requestheader-extra-headers-prefix requestheader-group-headers
    requestheader-uid-headers requestheader-username-headers strict-transport-security-directives tls-cipher-suites
    watch-cache-sizes`,
  stringArray: 'service-account-issuer service-account-key-file tls-sni-cert-key',
  bool: `aggregator-reject-forwarding-redirect allow-privileged anonymous-auth audit-log-batch-throttle-enable audit-log-compress
    audit-log-truncate-enabled audit-webhook-batch-throttle-enable audit-webhook-truncate-enabled contention-profiling
    disable-http2-serving emulation-forward-compatible enable-aggregator-routing enable-bootstrap-token-auth
    enable-garbage-collector enable-logs-handler enable-priority-and-fairness encryption-provider-config-automatic-reload help
    log-json-split-stream log-text-split-stream permit-address-sharing permit-port-sharing profiling
    runtime-config-emulation-forward-compatible service-account-extend-token-expiration service-account-lookup
    shutdown-send-retry-after version watch-cache`,
  int32s: 'tls-curve-preferences',
  int: `apiserver-count audit-log-batch-buffer-size audit-log-batch-max-size audit-log-batch-throttle-burst audit-log-maxage audit-log-maxbackup
    audit-log-maxsize audit-log-truncate-max-batch-size audit-log-truncate-max-event-size audit-webhook-batch-buffer-size
    audit-webhook-batch-max-size audit-webhook-batch-throttle-burst audit-webhook-truncate-max-batch-size
    audit-webhook-truncate-max-event-size default-not-ready-toleration-seconds default-unreachable-toleration-seconds
    default-watch-cache-size delete-collection-workers http2-max-streams-per-connection kubernetes-service-node-port
    lease-reuse-duration-seconds max-connection-bytes-per-sec max-mutating-requests-inflight max-requests-inflight
    min-request-timeout secure-port`,
  uint: 'kubelet-port kubelet-read-only-port v',
  float: 'audit-log-batch-throttle-qps audit-webhook-batch-throttle-qps goaway-chance',
  duration: `audit-log-batch-max-wait audit-webhook-batch-max-wait audit-webhook-initial-backoff
    authentication-token-webhook-cache-ttl authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl
    coordinated-leadership-lease-duration coordinated-leadership-renew-deadline coordinated-leadership-retry-period
    etcd-compaction-interval etcd-count-metric-poll-period etcd-db-metric-poll-interval etcd-healthcheck-timeout
    etcd-readycheck-timeout event-ttl kubelet-timeout livez-grace-period log-flush-frequency request-timeout
    service-account-max-token-expiration shutdown-delay-duration shutdown-watch-termination-grace-period
    storage-initialization-timeout`,
  ip: 'advertise-address bind-address',
  portRange: 'service-node-port-range',
  map: 'allow-metric-labels oidc-required-claim runtime-config',
  gates: 'feature-gates',
  quantity: 'log-json-info-buffer-size log-text-info-buffer-size',
};

/** The types of flags by name. */
export const flagTypes = (...tables: readonly FlagNames[]): ReadonlyMap<string, FlagType> =>
  new Map(
    tables.flatMap((table) =>
      Object.entries(table).flatMap(([type, names]) =>
        names.split(/\s+/).map((name): [string, FlagType] => [name, type as FlagType]),
      ),
    ),
  );

const FLAGS = flagTypes(NAMES);

/** A program of the control plane, as far as its command line goes. */
export interface FlagSet {
  readonly program: string;
  readonly flags: ReadonlyMap<string, FlagType>;
}

export interface KnownFlags extends FlagSet {
  /** Flags whose value changes what the simulated program does. The others are checked and then have no effect; docs/fidelity.md lists both. */
  readonly effective: ReadonlySet<string>;
}

/** What the server says at start of a flag that is given and on its way out (`MarkDeprecated` in the options' AddFlags). */
export const DEPRECATED_FLAGS: Readonly<Record<string, string>> = {
  'apiserver-count': 'apiserver-count is deprecated and will be removed in a future version.',
  'default-watch-cache-size': 'watch caches are sized automatically and this flag will be removed in a future version',
  'enable-logs-handler': 'Log handler functionality is deprecated',
  'kubelet-port': 'kubelet-port is deprecated and will be removed.',
  'kubelet-read-only-port': 'kubelet-read-only-port is deprecated and will be removed.',
};

const EFFECTIVE_FLAGS: ReadonlySet<string> = new Set(
  `authentication-token-webhook-cache-ttl authentication-token-webhook-config-file authentication-token-webhook-version
   authorization-policy-file
   admission-control-config-file allow-privileged anonymous-auth api-audiences audit-log-maxage audit-log-maxbackup audit-log-maxsize
   audit-log-path audit-policy-file authentication-config authorization-config authorization-mode
   authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl authorization-webhook-config-file
   authorization-webhook-version bind-address client-ca-file default-not-ready-toleration-seconds
   default-unreachable-toleration-seconds disable-admission-plugins enable-admission-plugins enable-bootstrap-token-auth
   encryption-provider-config encryption-provider-config-automatic-reload etcd-servers event-ttl kubelet-certificate-authority
   kubelet-client-certificate kubelet-client-key oidc-ca-file oidc-client-id oidc-groups-claim oidc-groups-prefix oidc-issuer-url
   oidc-required-claim oidc-signing-algs oidc-username-claim oidc-username-prefix profiling request-timeout runtime-config secure-port
   service-account-extend-token-expiration service-account-issuer service-account-key-file service-account-lookup
   service-account-max-token-expiration service-account-signing-key-file service-cluster-ip-range
   tls-cert-file tls-cipher-suites tls-curve-preferences tls-min-version tls-private-key-file token-auth-file`.split(
    /\s+/,
  ),
);

export const API_SERVER: KnownFlags = { program: 'kube-apiserver', flags: FLAGS, effective: EFFECTIVE_FLAGS };
