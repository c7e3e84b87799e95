import { X509Certificate } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';
import { boundHttp, handedHttps } from '../go-tls.ts';
import { klogLine } from '../../components/klog.ts';
import type { Clock } from '../../clock.ts';
import { installedRelease } from '../apt/dpkg-status.ts';
import { readHostText } from '../host-text.ts';
import type { StartFailure, Unit } from '../systemd/unit.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
import { readKubeletConfig, type KubeletConfig } from './kubelet-config.ts';
import { readOnlyRoutes, secureRoutes } from './kubelet-routes.ts';

export interface KubeletDaemonRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly cluster: KubeletCluster;
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

const CERTIFICATE = '/var/lib/kubelet/pki/kubelet.crt';
const KEY = '/var/lib/kubelet/pki/kubelet.key';

/** The kubelet as far as its API on 10250 and 10255 goes. The configuration is read at start alone, as the kubelet does. */
export function kubeletDaemon(request: KubeletDaemonRequest): Unit {
  const { host, cluster, clock, onRunning } = request;
  const commandFailed = (error: string): StartFailure => ({
    status: 1,
    lines: [klogLine(clock, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(error)}`)],
  });
  let running: AsyncDisposableStack | undefined;
  return {
    async start(launch) {
      const log = (place: string, message: string): void => launch.log(klogLine(clock, 'I', place, message));
      const read = await readKubeletConfig(host, launch.argv.slice(1));
      if (read.outcome === 'failed') return commandFailed(read.error);
      const { config, whole } = read;
      const api = { config, whole, cluster };
      const https = await httpsListener(request, config, secureRoutes(api));
      if (typeof https === 'string') return commandFailed(https);
      await using listeners = new AsyncDisposableStack();
      try {
        listeners.use(serveConnections(await host.listen(config.port, config.address), https));
        log('server.go:180', `"Starting to listen" address="${config.address}" port=${config.port}`);
        if (config.readOnlyPort !== 0) {
          const plain = boundHttp(createServer(readOnlyRoutes(api)));
          const accept = (socket: unknown) => void plain.emit('connection', socket);
          listeners.use(serveConnections(await host.listen(config.readOnlyPort, config.address), accept));
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
    async stop() {
      await running?.disposeAsync();
      running = undefined;
      onRunning?.(undefined);
    },
  };
}

async function httpsListener(
  request: KubeletDaemonRequest,
  config: KubeletConfig,
  routes: RequestListener,
): Promise<((socket: Socket) => void) | string> {
  const { host } = request;
  const { clientCAFile } = config.authentication.x509;
  const ca = clientCAFile === '' ? undefined : await readHostText(host, clientCAFile);
  if (clientCAFile !== '' && ca === undefined) {
    return `failed to construct kubelet dependencies: unable to load client CA file ${clientCAFile}: open ${clientCAFile}: no such file or directory`;
  }
  if (ca !== undefined && !isCertificate(ca)) {
    return `failed to construct kubelet dependencies: unable to load client CA file ${clientCAFile}: data does not contain any valid RSA or ECDSA certificates`;
  }
  const own = config.tlsCertFile === '' && config.tlsPrivateKeyFile === '';
  const files = own ? { cert: CERTIFICATE, key: KEY } : { cert: config.tlsCertFile, key: config.tlsPrivateKeyFile };
  let [cert, key] = await Promise.all([readHostText(host, files.cert), readHostText(host, files.key)]);
  if (cert === undefined || key === undefined) {
    const missing = cert === undefined ? files.cert : files.key;
    if (!own) return `failed to construct kubelet dependencies: open ${missing}: no such file or directory`;
    const made = await request.makeServingCertificate();
    [cert, key] = [made.certificate, made.key];
    await Promise.all([
      host.writeFile(CERTIFICATE, Buffer.from(cert), { mode: 0o644 }),
      host.writeFile(KEY, Buffer.from(key), { mode: 0o600 }),
    ]);
  }
  // Who presents nothing may still be let in, so TLS only asks; request-user.ts decides.
  const ask = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false };
  const options: ServerOptions = { cert, key, minVersion: 'TLSv1.2', ...ask };
  try {
    return handedHttps(options, routes);
  } catch (error) {
    return `failed to construct kubelet dependencies: tls: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whether it begins with a certificate (client-go/util/cert/pem.go, ParseCertsPEM). */
function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
