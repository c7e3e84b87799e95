import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type ConfigKind, decodeConfig, Undecodable } from '../../../kubernetes/flags/component-config.ts';
import { oneError } from '../../../kubernetes/flags/validate.ts';
import { remembering } from '../../../remembering.ts';

const loose = z.looseObject({}).nullish();
const fields = {
  apiVersion: z.string(),
  kind: z.string(),
  bindAddress: z.string().default('0.0.0.0'),
  bindAddressHardFail: z.boolean().optional(),
  clientConnection: z.looseObject({ kubeconfig: z.string().default('') }).prefault({}),
  clusterCIDR: z.string().default(''),
  configSyncPeriod: z.string().optional(),
  conntrack: loose,
  detectLocal: loose,
  detectLocalMode: z.string().default(''),
  enableProfiling: z.boolean().default(false),
  featureGates: loose,
  healthzBindAddress: z.string().default(''),
  hostnameOverride: z.string().default(''),
  iptables: loose,
  ipvs: loose,
  logging: loose,
  metricsBindAddress: z.string().default(''),
  mode: z.string().default(''),
  nftables: loose,
  nodePortAddresses: z.array(z.string()).nullish(),
  oomScoreAdj: z.int().nullish(),
  portRange: z.string().optional(),
  showHiddenMetricsForVersion: z.string().optional(),
  winkernel: loose,
  windowsRunAsService: z.boolean().optional(),
};

/** KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1) as far as it is looked at. */
export type ProxyConfig = z.infer<typeof LENIENT>;
const LENIENT = z.object(fields);

const kindOf = (shape: z.ZodType): ConfigKind => ({
  kind: 'KubeProxyConfiguration',
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  scheme: 'pkg/proxy/apis/config/scheme/scheme.go:30',
  shape,
});
const STRICTLY = kindOf(z.strictObject(fields));
const LENIENTLY = kindOf(LENIENT);

export type ReadProxyConfig =
  | { readonly outcome: 'read'; readonly config: ProxyConfig; readonly unknown: string | undefined }
  /** What kube-proxy ends with. */
  | { readonly outcome: 'failed'; readonly error: string };

/** Reads and validates kube-proxy's file (cmd/kube-proxy/app/options.go; pkg/proxy/apis/config/validation/validation.go). */
export const proxyConfig: (text: string) => ReadProxyConfig = remembering((text): ReadProxyConfig => {
  try {
    const { whole, unknown } = decoded(text);
    const config = LENIENT.parse(whole);
    const problems = problemsOf(config);
    return problems.length === 0
      ? { outcome: 'read', config, unknown }
      : { outcome: 'failed', error: `failed validate: ${oneError(problems)}` };
  } catch (error) {
    if (!(error instanceof Undecodable)) throw error;
    return { outcome: 'failed', error: `failed complete: failed to decode: ${error.message}` };
  }
});

/** What it does not know it lets pass, and says so. Throws `Undecodable`. */
function decoded(text: string): { readonly whole: unknown; readonly unknown: string | undefined } {
  try {
    return { whole: decodeConfig(text, STRICTLY), unknown: undefined };
  } catch (error) {
    if (!(error instanceof Undecodable) || !error.message.startsWith('strict decoding error')) throw error;
    return { whole: decodeConfig(text, LENIENTLY), unknown: error.message };
  }
}

const MODES = ['iptables', 'ipvs', 'nftables'];

function problemsOf({ mode, bindAddress, healthzBindAddress, metricsBindAddress, clusterCIDR }: ProxyConfig): string[] {
  const invalid = (field: string, value: string, why: string): string =>
    `KubeProxyConfiguration.${field}: Invalid value: ${JSON.stringify(value)}: ${why}`;
  const rows: readonly (readonly [boolean, string])[] = [
    [
      mode !== '' && !MODES.includes(mode),
      invalid(
        'Mode',
        mode,
        `must be ${MODES.join(', ')} or blank (blank means the best-available proxy [currently iptables])`,
      ),
    ],
    [
      !ipaddr.isValid(bindAddress),
      invalid('BindAddress', bindAddress, 'not a valid textual representation of an IP address'),
    ],
    [
      healthzBindAddress !== '' && !isHostPort(healthzBindAddress),
      invalid('HealthzBindAddress', healthzBindAddress, 'must be IP:port'),
    ],
    [
      metricsBindAddress !== '' && !isHostPort(metricsBindAddress),
      invalid('MetricsBindAddress', metricsBindAddress, 'must be IP:port'),
    ],
    ...clusterCIDR
      .split(',')
      .filter(Boolean)
      .map((one): readonly [boolean, string] => [
        !ipaddr.isValidCIDR(one),
        invalid(
          'DetectLocal.ClusterCIDRs',
          one,
          'must be a valid CIDR block (e.g. 10.100.0.0/16 or fde4:8dba:82e1::/48)',
        ),
      ]),
  ];
  return rows.flatMap(([isWrong, text]) => (isWrong ? [text] : []));
}

/** An address alone is given the usual port (pkg/proxy/apis/config/v1alpha1/defaults.go). */
const isHostPort = (text: string): boolean => {
  const [, host = '', port = '1'] = /^\[?([\da-fA-F:.]+?)\]?(?::(\d{1,5}))?$/.exec(text) ?? [];
  return ipaddr.isValid(host) && Number(port) >= 1 && Number(port) <= 65_535;
};
