import { createServer } from 'node:http';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';
import { boundHttp } from '../go-tls.ts';
import { klogLine } from '../../components/klog.ts';
import type { Clock } from '../../clock.ts';
import { installedRelease } from '../apt/dpkg-status.ts';
import type { KernelSettings } from '../sysctl/kernel-settings.ts';
import { GO_ENDS } from '../systemd/signal-effect.ts';
import type { StartFailure, Unit } from '../systemd/unit.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import { readKubeletConfig } from './kubelet-config.ts';
import type { KubeletConfig } from './kubelet-config-file.ts';
import { readOnlyRoutes, secureRoutes } from './kubelet-routes.ts';
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
  /** Told when the kubelet runs and when it does not: a stopped kubelet makes its node NotReady. */
  readonly onRunning?: (run: KubeletRun | undefined) => void;
}

/** A kubelet that runs. */
export interface KubeletRun {
  readonly config: KubeletConfig;
  readonly release: string;
}

/** The kubelet as far as its API on 10250 and 10255 goes. The configuration is read at start alone, as the kubelet does. */
export function kubeletDaemon(request: KubeletDaemonRequest): Unit {
  const { host, cluster, clock, onRunning } = request;
  const commandFailed = (error: string): StartFailure => ({
    status: 1,
    lines: [klogLine(clock, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(error)}`)],
  });
  const containerManagerFailed = (complaints: readonly string[]): StartFailure => {
    const list = complaints.length === 1 ? complaints.join('') : `[${complaints.join(', ')}]`;
    const message = `"Failed to start ContainerManager" err=${JSON.stringify(list)}`;
    return { status: 1, lines: [klogLine(clock, 'E', 'kubelet.go:1703', message)] };
  };
  let running: AsyncDisposableStack | undefined;
  return {
    async start(launch) {
      const log = (place: string, message: string): void => launch.log(klogLine(clock, 'I', place, message));
      const read = await readKubeletConfig(host, launch.argv.slice(1));
      if (read.outcome === 'failed') return commandFailed(read.error);
      const { config, whole } = read;
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
      running = listeners.move();
      onRunning?.({ config, release: (await installedRelease(host, 'kubelet')) ?? request.release });
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
