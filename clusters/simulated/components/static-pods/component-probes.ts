import type { Container, Probe } from '../../kubernetes/model/generated/objects.ts';
import { noConnection, portOf, urlOf } from '../../kubernetes/kubelet/probes/foretold.ts';
import type { ProbeOutcome } from '../../kubernetes/kubelet/probes/verdict.ts';
import type { Component } from '../component.ts';
import { flagOf } from '../flags/flag-of.ts';
import type { StaticPod } from './static-pod-file.ts';

/** Where a program of the control plane answers about its health. */
interface Listener {
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly port: number;
  /** `0.0.0.0` for every address of its node. */
  readonly address: string;
  readonly paths: readonly string[];
}

const secured = (argv: readonly string[], port: number, paths: readonly string[]): Listener => ({
  scheme: 'HTTPS',
  port: Number(flagOf(argv, 'secure-port') ?? port),
  address: flagOf(argv, 'bind-address') ?? '0.0.0.0',
  paths,
});

/** By the container's name (cmd/kube-*, and etcd's server/etcdmain with its `--listen-metrics-urls`). */
const LISTENERS: Readonly<Record<string, (argv: readonly string[]) => readonly Listener[]>> = {
  'kube-apiserver': (argv) => [secured(argv, 6443, ['/healthz', '/livez', '/readyz'])],
  'kube-controller-manager': (argv) => [secured(argv, 10_257, ['/healthz'])],
  'kube-scheduler': (argv) => [secured(argv, 10_259, ['/healthz', '/livez', '/readyz'])],
  etcd: (argv) =>
    (flagOf(argv, 'listen-metrics-urls') ?? '').split(',').flatMap((text): Listener[] => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined) return [];
      const scheme = url.protocol === 'https:' ? 'HTTPS' : 'HTTP';
      return [
        { scheme, port: Number(url.port), address: url.hostname, paths: ['/health', '/livez', '/readyz', '/metrics'] },
      ];
    }),
};

/** Asked by whoever has no credentials, they answer differently only by what these say. */
const ABOUT_CALLERS = [
  'anonymous-auth',
  'authentication-config',
  'authorization-mode',
  'authorization-config',
  'authorization-always-allow-paths',
];
const USUAL = new Set([undefined, 'Node,RBAC', 'true']);

/**
 * What a probe of a control plane's container comes to while its program runs (pkg/probe/http, pkg/kubelet/prober): that stays the same
 * until the program is started anew. Undefined for a kind of probe that nobody tries here.
 */
export async function probeComponent(
  { container: name, argv, pod }: StaticPod,
  nodeAddress: string,
  container: Container,
  probe: Probe,
  component: Component,
): Promise<ProbeOutcome | undefined> {
  const { httpGet, tcpSocket } = probe;
  if (httpGet === undefined && tcpSocket === undefined) return undefined;
  const failed = (message: string): ProbeOutcome => ({ succeeded: false, message });
  const port = portOf(probe, container);
  if (port === undefined) return failed(`couldn't find port: ${String(httpGet?.port ?? tcpSocket?.port)}`);
  const host = (httpGet?.host ?? tcpSocket?.host) || nodeAddress;
  const local = ['127.0.0.1', 'localhost'].includes(host) ? '127.0.0.1' : host;
  const listener = LISTENERS[name]?.(argv).find(
    (one) => one.port === port && [local, '0.0.0.0', '::'].includes(one.address),
  );
  if (listener === undefined || ![nodeAddress, '127.0.0.1'].includes(local))
    return failed(noConnection(probe, host, port, 'connect: connection refused'));
  const well: ProbeOutcome = { succeeded: true, message: '', isFinal: true };
  if (httpGet === undefined) return well;
  const { scheme = 'HTTP', path = '/' } = httpGet;
  if (scheme !== listener.scheme)
    return failed(
      scheme === 'HTTP'
        ? 'HTTP probe failed with statuscode: 400'
        : `Get "${urlOf(httpGet, host, port)}": http: server gave HTTP response to HTTPS client`,
    );
  const at = path.startsWith('/') ? path : `/${path}`;
  const [bare = ''] = at.split('?');
  const isAsUsual = listener.paths.includes(bare) && ABOUT_CALLERS.every((one) => USUAL.has(flagOf(argv, one)));
  if (isAsUsual && pod.spec.hostNetwork === true && component.isDoubtful?.() !== true) return well;
  const status = (await component.statusOf?.(at)) ?? (listener.paths.includes(bare) ? 200 : 404);
  return status >= 200 && status < 400 ? well : failed(`HTTP probe failed with statuscode: ${status}`);
}
