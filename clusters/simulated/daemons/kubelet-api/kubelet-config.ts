import { parse } from 'yaml';
import { z } from 'zod';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, parseLine, type Options } from '../command-line.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';

/** The part of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that its API obeys, with the API's defaults filled in. */
const FileConfig = z.object({
  apiVersion: z.literal('kubelet.config.k8s.io/v1beta1'),
  kind: z.literal('KubeletConfiguration'),
  address: z.string().default('0.0.0.0'),
  port: z.int().default(10_250),
  readOnlyPort: z.int().default(0),
  tlsCertFile: z.string().default(''),
  tlsPrivateKeyFile: z.string().default(''),
  enableDebuggingHandlers: z.boolean().default(true),
  staticPodPath: z.string().default(''),
  authentication: z
    .object({
      anonymous: z.object({ enabled: z.boolean().default(false) }).prefault({}),
      webhook: z.object({ enabled: z.boolean().default(true) }).prefault({}),
      x509: z.object({ clientCAFile: z.string().default('') }).prefault({}),
    })
    .prefault({}),
  authorization: z.object({ mode: z.string().default('Webhook') }).prefault({}),
});
export type KubeletConfig = z.infer<typeof FileConfig>;

export type KubeletConfigRead =
  | { readonly outcome: 'read'; readonly config: KubeletConfig; readonly whole: unknown }
  /** What `"command failed" err=` says. */
  | { readonly outcome: 'failed'; readonly error: string };

const FLAGS = optionTable(
  '-v --v=',
  ...'--anonymous-auth --authentication-token-webhook --rotate-certificates --rotate-server-certificates --protect-kernel-defaults --make-iptables-util-chains --fail-swap-on --seccomp-default --enable-debugging-handlers --register-node'
    .split(' ')
    .map((flag) => `${flag}[=]`),
  ...'--config --config-dir --kubeconfig --bootstrap-kubeconfig --address --port --read-only-port --authorization-mode --client-ca-file --tls-cert-file --tls-private-key-file --tls-cipher-suites --tls-min-version --cert-dir --root-dir --container-runtime-endpoint --image-service-endpoint --pod-infra-container-image --hostname-override --node-ip --node-labels --register-with-taints --cgroup-driver --cluster-dns --cluster-domain --pod-manifest-path --event-qps --streaming-connection-idle-timeout --feature-gates --max-pods --eviction-hard --resolv-conf --runtime-request-timeout --cloud-provider --image-credential-provider-config --image-credential-provider-bin-dir'
    .split(' ')
    .map((flag) => `${flag}=`),
);

/** Reads what the kubelet would run with: its configuration file under its flags (kubernetes/cmd/kubelet/app/server.go). */
export async function readKubeletConfig(host: SimulatedHost, args: readonly string[]): Promise<KubeletConfigRead> {
  const failed = (error: string): KubeletConfigRead => ({ outcome: 'failed', error });
  const line = parseLine(args, FLAGS);
  if (line.outcome === 'wrong') return failed(`failed to parse kubelet flag: unknown flag: ${line.argument}`);
  const path = lastOption(line.options, 'config');
  let whole: unknown = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' };
  if (path !== undefined) {
    const loading = (reason: string) =>
      failed(
        `failed to load kubelet config file, path: ${path}, error: failed to load Kubelet config file ${path}, error ${reason}`,
      );
    try {
      const text = await readHostText(host, path);
      if (text === undefined)
        return loading(`failed to read kubelet config file "${path}", error: open ${path}: no such file or directory`);
      whole = parse(text, { maxAliasCount: 20 });
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      return loading(error instanceof UnreadableFile ? reason : `yaml: ${reason}`);
    }
    const shape = FileConfig.safeParse(whole);
    if (!shape.success) {
      const issue = shape.error.issues[0];
      return loading(`failed to decode: ${issue?.path.join('.')}: ${issue?.message}`);
    }
  }
  const config = withFlags(FileConfig.parse(whole), line.options);
  const problem = invalid(config);
  return problem === undefined ? { outcome: 'read', config, whole } : failed(problem);
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
  return {
    ...config,
    address: text('address', config.address),
    port: number('port', config.port),
    readOnlyPort: number('read-only-port', config.readOnlyPort),
    tlsCertFile: text('tls-cert-file', config.tlsCertFile),
    tlsPrivateKeyFile: text('tls-private-key-file', config.tlsPrivateKeyFile),
    staticPodPath: text('pod-manifest-path', config.staticPodPath),
    authentication: {
      anonymous: { enabled: bool('anonymous-auth', anonymous.enabled) },
      webhook: { enabled: bool('authentication-token-webhook', webhook.enabled) },
      x509: { clientCAFile: text('client-ca-file', x509.clientCAFile) },
    },
    authorization: { mode: text('authorization-mode', config.authorization.mode) },
  };
}

function invalid({ authorization, port, readOnlyPort }: KubeletConfig): string | undefined {
  const range = (name: string, value: number) =>
    `failed to validate kubelet configuration, error: invalid configuration: ${name} ${value} must be between ${name === 'port' ? 1 : 0} and 65535, inclusive`;
  if (!(port >= 1 && port <= 65_535)) return range('port', port);
  if (!(readOnlyPort >= 0 && readOnlyPort <= 65_535)) return range('readOnlyPort', readOnlyPort);
  if (authorization.mode === '') return 'failed to run Kubelet: no authorization mode specified';
  if (!['Webhook', 'AlwaysAllow'].includes(authorization.mode))
    return `failed to run Kubelet: unknown authorization mode ${authorization.mode}`;
  return undefined;
}
