import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { klogLine } from '../../../components/klog.ts';
import type { Model, ModelContext, ModelledServer } from '../../../images/models/model.ts';
import { FlagReader } from '../../../kubernetes/flags/flag-reader.ts';
import { parseFlags } from '../../../kubernetes/flags/parse.ts';
import { type FlagSet, flagTypes } from '../../../kubernetes/flags/table.ts';
import { type ProxyConfig, proxyConfig } from './proxy-config.ts';

/** https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/; those of the configuration file are ignored beside it. */
const FLAGS: FlagSet = {
  program: 'kube-proxy',
  flags: flagTypes({
    string: `allow-metric-labels-manifest cluster-cidr config detect-local-mode healthz-bind-address hostname-override
      ipvs-scheduler kube-api-content-type kubeconfig logging-format master metrics-bind-address pod-bridge-interface
      pod-interface-name-prefix proxy-mode proxy-port-range show-hidden-metrics-for-version vmodule write-config-to`,
    strings: 'disabled-metrics ipvs-exclude-cidrs nodeport-addresses',
    bool: `bind-address-hard-fail cleanup conntrack-tcp-be-liberal help init-only iptables-localhost-nodeports ipvs-strict-arp
      log-json-split-stream log-text-split-stream masquerade-all profiling version`,
    int32: 'conntrack-max-per-core conntrack-min iptables-masquerade-bit kube-api-burst oom-score-adj',
    uint: 'v',
    float: 'kube-api-qps',
    duration: `config-sync-period conntrack-tcp-timeout-close-wait conntrack-tcp-timeout-established conntrack-udp-timeout
      conntrack-udp-timeout-stream iptables-min-sync-period iptables-sync-period ipvs-min-sync-period ipvs-sync-period
      ipvs-tcp-timeout ipvs-tcpfin-timeout ipvs-udp-timeout log-flush-frequency`,
    ip: 'bind-address',
    map: 'allow-metric-labels',
    gates: 'feature-gates',
    quantity: 'log-json-info-buffer-size log-text-info-buffer-size',
  }),
};

/** Its ports for its health and for its metrics, unless it is told others (pkg/cluster/ports/ports.go). */
const HEALTHZ = 10_256;
const METRICS = 10_249;

/**
 * kube-proxy by the flags and the file that its container has, or what is wrong with them (cmd/kube-proxy/app). The rules themselves are
 * node-rules.ts', in the mode `iptables`, for as long as one runs on the node.
 */
export const kubeProxy: Model = async (context) => {
  const { argv, tag, now } = context;
  const say = (severity: 'I' | 'W' | 'E', place: string, message: string): void =>
    context.log(klogLine({ now, after: context.after }, severity, place, message), 'stderr');
  const parsed = parseFlags(
    argv.filter((word, at) => at > 0 || word.startsWith('-')),
    FLAGS,
  );
  if ('failed' in parsed) {
    context.log(parsed.failed, 'stderr');
    return { exitCode: 1 };
  }
  const fails = (error: string): { readonly exitCode: number } => {
    say('E', 'run.go:72', `"command failed" err=${JSON.stringify(error)}`);
    return { exitCode: 1 };
  };
  const path = new FlagReader(parsed.ok).text('config');
  if (path === '') return fails('not simulated: kube-proxy without --config');
  const text = (await context.files.read(path))?.toString();
  if (text === undefined) return fails(`failed complete: open ${path}: no such file or directory`);
  const read = proxyConfig(text);
  if (read.outcome === 'failed') return fails(read.error);
  const { config, unknown } = read;
  if (unknown !== undefined)
    say('I', 'options.go:296', `"Using lenient decoding as strict decoding failed" err=${JSON.stringify(unknown)}`);
  const { kubeconfig } = config.clientConnection;
  if (kubeconfig !== '' && (await context.files.read(kubeconfig)) === undefined) {
    const missing = `stat ${kubeconfig}: no such file or directory`;
    say('E', 'server.go:122', `"Error running ProxyServer" err=${JSON.stringify(missing)}`);
    return fails(missing);
  }
  const mode = config.mode === '' ? 'iptables' : config.mode;
  say('I', 'server_linux.go:53', `"Using ${mode} proxy"`);
  if (mode !== 'iptables')
    say('W', 'server_linux.go:53', `not simulated: the proxy mode ${mode}; the node has the rules of iptables`);
  say('I', 'server.go:527', `"Version info" version="${tag}"`);
  say('I', 'config.go:200', '"Starting service config controller"');
  say('I', 'config.go:106', '"Starting endpoint slice config controller"');
  return { server: serving(config, mode, context) };
};

/** Who comes to it by the API server finds its pages; on the node itself nobody listens. */
function serving(config: ProxyConfig, mode: string, { now }: ModelContext): ModelledServer {
  const health = portOf(config.healthzBindAddress, HEALTHZ);
  const metrics = portOf(config.metricsBindAddress, METRICS);
  const ports = new WeakMap<object, number>();
  let web: Server | undefined; // made for who asks
  const open = (): Server =>
    createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://kube-proxy');
      const at = new Date(now()).toISOString().replace('T', ' ').replace('Z', ' +0000 UTC');
      const pages: Readonly<Record<string, string>> =
        ports.get(request.socket) === health
          ? {
              '/healthz': `{"lastUpdated": "${at}","currentTime": "${at}"}`,
              '/livez': `{"lastUpdated": "${at}","currentTime": "${at}"}`,
            }
          : { '/healthz': 'ok', '/proxyMode': mode, '/metrics': '# not simulated: the metrics of kube-proxy\n' };
      const page = pages[pathname];
      if (page === undefined) response.writeHead(404).end('404 page not found\n');
      else response.end(page);
    });
  return {
    listens: [health, metrics],
    accept(port: number, socket: Duplex) {
      ports.set(socket, port);
      web ??= open();
      web.emit('connection', socket);
    },
    [Symbol.dispose]: () => web?.closeAllConnections(),
  };
}

const portOf = (address: string, usual: number): number => Number(/:(\d+)$/.exec(address)?.[1] ?? usual);
