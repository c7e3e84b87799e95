import type { Image } from '../../images/image.ts';
import type { Container, Probe } from '../model/generated/objects.ts';

/** What a probe would find. A port answers when the image's own process listens there; commands are taken to succeed. */
export function probeHolds(probe: Probe, container: Container, image: Image): { holds: boolean; message: string } {
  const asked = probe.httpGet?.port ?? probe.tcpSocket?.port ?? probe.grpc?.port;
  if (asked === undefined) return { holds: true, message: '' };
  const port = typeof asked === 'number' ? asked : container.ports?.find(({ name }) => name === asked)?.containerPort;
  const ownProcess = container.command === undefined;
  if (port !== undefined && ownProcess && image.listens.includes(port)) return { holds: true, message: '' };
  const where = probe.httpGet === undefined ? `:${port}` : `http://:${port}${probe.httpGet.path ?? '/'}`;
  return { holds: false, message: `Get "${where}": dial tcp :${port}: connect: connection refused` };
}
