import { createServer } from 'node:http';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';
import { boundHttp } from '../go-tls.ts';
import { klogLine } from '../../components/klog.ts';
import type { Clock } from '../../clock.ts';
import type { Dial } from '../../kubernetes/callout/https-call.ts';
import { installedRelease } from '../apt/dpkg-status.ts';
import { lastOption } from '../command-line.ts';
import type { KernelSettings } from '../sysctl/kernel-settings.ts';
import { GO_ENDS } from '../systemd/signal-effect.ts';
import type { Launch, StartFailure, Unit } from '../systemd/unit.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import { kubeletClient } from './kubelet-client.ts';
import { readKubeletConfig } from './kubelet-config.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';
import { kubeletConnection } from './kubelet-connection.ts';
import { healthzRoutes, readOnlyRoutes, secureRoutes } from './kubelet-routes.ts';
import { secureListener } from './kubelet-serving.ts';

export interface KubeletDaemonRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly cluster: KubeletCluster;
  /** The settings of its node's kernel; without them they are as it wants them. */
  readonly kernel?: KernelSettings;
  /** Its release where dpkg knows nothing of its package, as in `v1.36.0`. */
  readonly release: string;
  /** A serving certificate for a kubelet that has none yet; it is written to the host as the kubelet would. PEM. */
  readonly makeServingCertificate: () => Promise<{ readonly certificate: string; readonly key: string }>;
  /** How it comes to the API server; without, it is there. */
  readonly way?: KubeletWay;
  /** Told when the kubelet runs, comes through to the API server, and ends: a node that nobody hears of becomes NotReady. */
  readonly onRunning?: (run: KubeletRun | undefined) => void;
}

export interface KubeletWay {
  /** Connects from its node. */
  readonly dial: Dial;
  /** Whether its kubeconfig was laid down as kubeadm does, so that its first start after that needs no look at it. */
  readonly isAsLaid: boolean;
}

/** A kubelet that runs. */
export interface KubeletRun {
  /** Whether the API server lets it in. */
  readonly isConnected: boolean;
  readonly config: KubeletConfig;
  readonly release: string;
}

/** Its port for whoever wants to know whether it lives; without it the kubelet goes on (cmd/kubelet/app/server.go run). */
async function serveHealthz(
  { healthzPort, healthzBindAddress }: KubeletConfig,
  launch: Launch,
  opened: AsyncDisposableStack,
): Promise<void> {
  if (healthzPort === 0) return;
  await launch.listenWhenSeen(healthzPort, healthzBindAddress, (server) => {
    const plain = boundHttp(createServer(healthzRoutes));
    opened.use(serveConnections(server, (socket) => void plain.emit('connection', socket)));
  });
}

/** Where kubeadm lays it. */
const KUBECONFIG = '/etc/kubernetes/kubelet.conf';

/** The kubelet as far as its API on 10250 and 10255 and its way to the API server go. Its files are read at start alone, as the kubelet does. */
export function kubeletDaemon(request: KubeletDaemonRequest): Unit {
  const { host, cluster, clock, onRunning, way } = request;
  const commandFailed = (error: string, before: readonly string[] = []): StartFailure => ({
    status: 1,
    lines: [...before, klogLine(clock, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(error)}`)],
  });
  const containerManagerFailed = (complaints: readonly string[]): StartFailure => {
    const list = complaints.length === 1 ? complaints.join('') : `[${complaints.join(', ')}]`;
    const message = `"Failed to start ContainerManager" err=${JSON.stringify(list)}`;
    return { status: 1, lines: [klogLine(clock, 'E', 'kubelet.go:1703', message)] };
  };
  let running: AsyncDisposableStack | undefined;
  let isUntouched = way?.isAsLaid === true;
  return {
    async start(launch) {
      const log = (place: string, message: string): void => launch.log(klogLine(clock, 'I', place, message));
      const read = await readKubeletConfig(host, launch.argv.slice(1));
      if (read.outcome === 'failed') return commandFailed(read.error);
      const { config, whole, options } = read;
      const isKnown = way === undefined || (isUntouched && lastOption(options, 'kubeconfig') === KUBECONFIG);
      isUntouched = false;
      const access = isKnown ? undefined : await kubeletClient({ host, clock, config, options, dial: way.dial });
      if (access?.outcome === 'failed') return commandFailed(access.error, access.lines);
      if (access?.outcome === 'standalone') log('server.go:616', '"Standalone mode, no API client"');
      const complaints = request.kernel?.tune(config.protectKernelDefaults) ?? [];
      if (complaints.length > 0) return containerManagerFailed(complaints);
      const api = { config, whole, cluster };
      await using listeners = new AsyncDisposableStack();
      const ends = new AbortController();
      listeners.defer(() => ends.abort());
      const { makeServingCertificate } = request;
      const https = await secureListener({
        host,
        cluster,
        clock,
        config,
        routes: secureRoutes(api),
        makeServingCertificate,
        log,
        signal: ends.signal,
      });
      if (typeof https === 'string') return commandFailed(https);
      try {
        listeners.use(serveConnections(await launch.listen(config.port, config.address), https));
        log('server.go:180', `"Starting to listen" address="${config.address}" port=${config.port}`);
        if (config.readOnlyPort !== 0) {
          const plain = boundHttp(createServer(readOnlyRoutes(api)));
          const accept = (socket: unknown) => void plain.emit('connection', socket);
          listeners.use(serveConnections(await launch.listen(config.readOnlyPort, config.address), accept));
          log(
            'server.go:214',
            `"Starting to listen read-only" address="${config.address}" port=${config.readOnlyPort}`,
          );
        }
      } catch (error) {
        return commandFailed(error instanceof Error ? error.message : String(error));
      }
      await serveHealthz(config, launch, listeners.use(new AsyncDisposableStack())).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        launch.log(
          klogLine(clock, 'E', 'kubelet.go:1723', `"Failed to start healthz server" err=${JSON.stringify(why)}`),
        );
      });
      const run = { config, release: (await installedRelease(host, 'kubelet')) ?? request.release };
      if (access?.outcome === 'client') {
        const opened = (): void => onRunning?.({ ...run, isConnected: true });
        const { client } = access;
        listeners.use(
          kubeletConnection({ node: cluster.node.name, client, clock, log: (line) => launch.log(line), opened }),
        );
      }
      running = listeners.move();
      onRunning?.({ ...run, isConnected: access === undefined });
      return undefined;
    },
    endsWith: GO_ENDS,
    async stop() {
      await running?.disposeAsync();
      running = undefined;
      onRunning?.(undefined);
    },
  };
}
