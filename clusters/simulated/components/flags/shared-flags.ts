import type { FlagNames } from '../../kubernetes/flags/table.ts';

/**
 * Flags that kube-scheduler and kube-controller-manager have in common: serving, delegated authentication and authorization, election of a
 * leader, metrics and logs (apiserver/pkg/server/options, component-base/{config/options,metrics,logs,compatibility}).
 */
export const SHARED_FLAGS: FlagNames = {
  string: `allow-metric-labels-manifest authentication-kubeconfig authorization-kubeconfig cert-dir client-ca-file kube-api-content-type
    kubeconfig leader-elect-resource-lock leader-elect-resource-name leader-elect-resource-namespace logging-format master
    requestheader-client-ca-file show-hidden-metrics-for-version tls-cert-file tls-min-version tls-private-key-file vmodule`,
  strings: `authorization-always-allow-paths disabled-metrics emulated-version min-compatibility-version requestheader-allowed-names
    requestheader-extra-headers-prefix requestheader-group-headers requestheader-uid-headers requestheader-username-headers
    tls-cipher-suites`,
  stringArray: 'tls-sni-cert-key',
  bool: `authentication-skip-lookup authentication-tolerate-lookup-failure contention-profiling disable-http2-serving help leader-elect
    log-json-split-stream log-text-split-stream permit-address-sharing permit-port-sharing profiling version`,
  int: 'http2-max-streams-per-connection secure-port',
  int32: 'kube-api-burst',
  int32s: 'tls-curve-preferences',
  uint: 'v',
  float: 'kube-api-qps',
  duration: `authentication-token-webhook-cache-ttl authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl
    leader-elect-lease-duration leader-elect-renew-deadline leader-elect-retry-period log-flush-frequency`,
  ip: 'bind-address',
  map: 'allow-metric-labels',
  gates: 'feature-gates',
  quantity: 'log-json-info-buffer-size log-text-info-buffer-size',
};

/** Those of them whose value changes what the simulated programs do. */
export const SHARED_EFFECTS = `authentication-kubeconfig authentication-skip-lookup authorization-always-allow-paths
  authorization-kubeconfig bind-address client-ca-file kubeconfig leader-elect leader-elect-lease-duration leader-elect-resource-name
  leader-elect-resource-namespace master profiling secure-port tls-cert-file tls-cipher-suites tls-curve-preferences tls-min-version
  tls-private-key-file`;
