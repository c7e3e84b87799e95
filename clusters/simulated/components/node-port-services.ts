import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Image } from '../images/image.ts';
import { findImage } from '../images/image.ts';
import type { NodePort } from '../daemons/node-ports/node-ports.ts';
import { isReady } from '../kubernetes/controllers/pods.ts';
import type { Container, Pod, Service, ServicePort } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';

/** A modelled program that takes a pod's connections itself, by image repository, such as the Dashboard's. */
export type ImageServer = (socket: Socket) => void;

/** Connects to a port of a pod; undefined when nobody listens there. */
export type ConnectTo = (pod: Pod, port: number) => Promise<Duplex | undefined>;

/** What a node's kube-proxy listens on: each NodePort, and who answers there at the moment of a connection. */
export function nodePortsOf(
  cluster: Cluster,
  images: readonly Image[],
  special: Readonly<Record<string, ImageServer>>,
  connectTo: ConnectTo,
): readonly NodePort[] {
  const services = cluster.list(cluster.resource('services')) as readonly Service[];
  return services.flatMap((service) =>
    (service.spec.ports ?? []).flatMap((port) =>
      port.nodePort === undefined || port.protocol !== 'TCP'
        ? []
        : [
            {
              port: port.nodePort,
              accept: (socket: Socket) => void connect(cluster, images, special, connectTo, service, port, socket),
            },
          ],
    ),
  );
}

async function connect(
  cluster: Cluster,
  images: readonly Image[],
  special: Readonly<Record<string, ImageServer>>,
  connectTo: ConnectTo,
  service: Service,
  port: ServicePort,
  socket: Socket,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  const backend = backendOf(cluster, service, port);
  const image = backend === undefined ? undefined : findImage(images, backend.container.image ?? '');
  const own = image === undefined ? undefined : special[image.repository];
  if (own !== undefined && backend?.container.command === undefined) return own(socket);
  const target = backend === undefined ? undefined : await connectTo(backend.pod, backend.port).catch(() => undefined);
  if (target === undefined) {
    socket.resetAndDestroy();
    return;
  }
  target.on('error', () => socket.destroy());
  socket.once('close', () => target.destroy());
  socket.pipe(target).pipe(socket);
}

/** A ready pod behind the Service and the container that listens, as its endpoints would name them. */
export function backendOf(
  cluster: Cluster,
  { metadata, spec }: Service,
  { targetPort, port, protocol }: ServicePort,
): { pod: Pod; container: Container; port: number } | undefined {
  const selector = Object.entries(spec.selector ?? {});
  if (selector.length === 0) return undefined;
  const pods = cluster.list(cluster.resource('pods'), metadata.namespace ?? '') as readonly Pod[];
  for (const pod of pods) {
    if (!isReady(pod) || !selector.every(([key, value]) => pod.metadata.labels?.[key] === value)) continue;
    const named = (pod.spec.containers ?? []).flatMap((container) =>
      (container.ports ?? []).map((one) => ({ container, ...one })),
    );
    if (typeof targetPort === 'string') {
      const found = named.find(
        ({ name, protocol: its }) => name === targetPort && (its ?? 'TCP') === (protocol ?? 'TCP'),
      );
      if (found !== undefined) return { pod, container: found.container, port: found.containerPort };
      continue;
    }
    const number = targetPort ?? port;
    const container =
      named.find(({ containerPort }) => containerPort === number)?.container ?? pod.spec.containers?.[0];
    if (container !== undefined) return { pod, container, port: number };
  }
  return undefined;
}
