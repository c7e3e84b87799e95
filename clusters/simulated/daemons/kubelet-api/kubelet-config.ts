import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, parseLine, type Options } from '../command-line.ts';
import { type KubeletConfig, readConfigFiles } from './kubelet-config-file.ts';

export type KubeletConfigRead =
  | { readonly outcome: 'read'; readonly config: KubeletConfig; readonly whole: unknown; readonly options: Options }
  /** What `"command failed" err=` says. */
  | { readonly outcome: 'failed'; readonly error: string };

const FLAGS = optionTable(
  '-v --v=',
  ...'--anonymous-auth --authentication-token-webhook --rotate-certificates --rotate-server-certificates --protect-kernel-defaults --make-iptables-util-chains --fail-swap-on --seccomp-default --enable-debugging-handlers --register-node'
    .split(' ')
    .map((flag) => `${flag}[=]`),
  ...'--config --config-dir --kubeconfig --bootstrap-kubeconfig --address --port --read-only-port --healthz-bind-address --healthz-port --authorization-mode --client-ca-file --tls-cert-file --tls-private-key-file --tls-cipher-suites --tls-min-version --cert-dir --root-dir --container-runtime-endpoint --image-service-endpoint --pod-infra-container-image --hostname-override --node-ip --node-labels --register-with-taints --cgroup-driver --cluster-dns --cluster-domain --pod-manifest-path --event-qps --streaming-connection-idle-timeout --feature-gates --max-pods --eviction-hard --resolv-conf --runtime-request-timeout --cloud-provider --image-credential-provider-config --image-credential-provider-bin-dir'
    .split(' ')
    .map((flag) => `${flag}=`),
);

/** Reads what the kubelet would run with: its configuration files under its flags (kubernetes/cmd/kubelet/app/server.go). */
export async function readKubeletConfig(host: SimulatedHost, args: readonly string[]): Promise<KubeletConfigRead> {
  const failed = (error: string): KubeletConfigRead => ({ outcome: 'failed', error });
  const line = parseLine(args, FLAGS);
  if (line.outcome === 'wrong') return failed(`failed to parse kubelet flag: unknown flag: ${line.argument}`);
  const read = await readConfigFiles(host, lastOption(line.options, 'config'), lastOption(line.options, 'config-dir'));
  if (typeof read === 'string') return failed(read);
  const config = withFlags(read.config, line.options);
  const problem = invalid(config, lastOption(line.options, 'config') ?? '');
  return problem === undefined
    ? { outcome: 'read', config, whole: read.whole, options: line.options }
    : failed(problem);
}

/** Flags win over the file (kubernetes.io, "Set kubelet parameters via a configuration file"). */
function withFlags(config: KubeletConfig, options: Options): KubeletConfig {
  const text = (name: string, usual: string) => lastOption(options, name) ?? usual;
  const number = (name: string, usual: number) => Number(lastOption(options, name) ?? usual);
  const bool = (name: string, usual: boolean) => {
    const given = lastOption(options, name);
    return given === undefined ? usual : !['false', '0', 'f'].includes(given.toLowerCase());
  };
  const { anonymous, webhook, x509 } = config.authentication;
  const suites = lastOption(options, 'tls-cipher-suites');
  return {
    ...config,
    address: text('address', config.address),
    port: number('port', config.port),
    readOnlyPort: number('read-only-port', config.readOnlyPort),
    healthzPort: number('healthz-port', config.healthzPort),
    healthzBindAddress: text('healthz-bind-address', config.healthzBindAddress),
    tlsCertFile: text('tls-cert-file', config.tlsCertFile),
    tlsPrivateKeyFile: text('tls-private-key-file', config.tlsPrivateKeyFile),
    tlsCipherSuites: suites === undefined ? config.tlsCipherSuites : suites.split(','),
    tlsMinVersion: text('tls-min-version', config.tlsMinVersion),
    serverTLSBootstrap: bool('rotate-server-certificates', config.serverTLSBootstrap),
    rotateCertificates: bool('rotate-certificates', config.rotateCertificates),
    protectKernelDefaults: bool('protect-kernel-defaults', config.protectKernelDefaults),
    makeIPTablesUtilChains: bool('make-iptables-util-chains', config.makeIPTablesUtilChains),
    eventRecordQPS: number('event-qps', config.eventRecordQPS),
    streamingConnectionIdleTimeout: text('streaming-connection-idle-timeout', config.streamingConnectionIdleTimeout),
    staticPodPath: text('pod-manifest-path', config.staticPodPath),
    authentication: {
      anonymous: { enabled: bool('anonymous-auth', anonymous.enabled) },
      webhook: { enabled: bool('authentication-token-webhook', webhook.enabled) },
      x509: { clientCAFile: text('client-ca-file', x509.clientCAFile) },
    },
    authorization: { mode: text('authorization-mode', config.authorization.mode) },
  };
}

const isPort = (value: number): boolean => value >= 1 && value <= 65_535;

/** What the kubelet does not start with (pkg/kubelet/apis/config/validation/validation.go), of the fields that are known here. */
function invalid(config: KubeletConfig, path: string): string | undefined {
  const { port, readOnlyPort, healthzPort, eventRecordQPS, eventBurst, maxPods, authorization } = config;
  const rows: readonly (readonly [boolean, string])[] = [
    [eventBurst < 0, `eventBurst (--event-burst) ${eventBurst} must not be a negative number`],
    [eventRecordQPS < 0, `eventRecordQPS (--event-qps) ${eventRecordQPS} must not be a negative number`],
    [
      healthzPort !== 0 && !isPort(healthzPort),
      `healthzPort (--healthz-port) ${healthzPort} must be between 1 and 65535, inclusive`,
    ],
    [maxPods < 0, `maxPods (--max-pods) ${maxPods} must not be a negative number`],
    [!isPort(port), `port (--port) ${port} must be between 1 and 65535, inclusive`],
    [
      readOnlyPort !== 0 && !isPort(readOnlyPort),
      `readOnlyPort (--read-only-port) ${readOnlyPort} must be between 0 and 65535, inclusive`,
    ],
  ];
  const found = rows.flatMap(([isWrong, text]) => (isWrong ? [`invalid configuration: ${text}`] : []));
  if (found.length > 0) {
    const list = found.length === 1 ? found.join('') : `[${found.join(', ')}]`;
    return `failed to validate kubelet configuration, error: ${list}, path: ${path}`;
  }
  if (!/^(?:-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+|0)$/.test(config.streamingConnectionIdleTimeout))
    return `failed to load kubelet config file, error: time: invalid duration ${JSON.stringify(config.streamingConnectionIdleTimeout)}`;
  if (authorization.mode === '') return 'failed to run Kubelet: no authorization mode specified';
  if (!['Webhook', 'AlwaysAllow'].includes(authorization.mode))
    return `failed to run Kubelet: unknown authorization mode ${authorization.mode}`;
  return undefined;
}
