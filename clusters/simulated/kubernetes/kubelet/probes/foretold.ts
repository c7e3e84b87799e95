import { type Image, runsOwnServer } from '../../../images/image.ts';
import type { Container, Probe } from '../../model/generated/objects.ts';
import type { ProbeOutcome } from './verdict.ts';

/** The port that a probe asks by number or by the name that its container gives it. */
export function portOf({ httpGet, tcpSocket, grpc }: Probe, container: Container): number | undefined {
  const asked = httpGet?.port ?? tcpSocket?.port ?? grpc?.port;
  return typeof asked === 'string' && !/^\d+$/.test(asked)
    ? container.ports?.find(({ name }) => name === asked)?.containerPort
    : asked === undefined
      ? undefined
      : Number(asked);
}

/**
 * What a probe would find where nothing really runs: a port answers when the image's own process listens there; commands are
 * taken to succeed.
 */
export function foretoldProbe(
  probe: Probe,
  container: Container,
  image: Image | undefined,
  address: string,
): ProbeOutcome {
  if (probe.exec !== undefined) return { succeeded: true, message: '', isFinal: true };
  const port = portOf(probe, container) ?? 0;
  if (image !== undefined && runsOwnServer(container, image) && image.listens.includes(port))
    return { succeeded: true, message: '', isFinal: true };
  return { succeeded: false, message: noConnection(probe, address, port, 'connect: connection refused') };
}

/** How Go's clients tell of a connection that did not come about; `why` as the system or Go says it. */
export function noConnection(
  { httpGet, grpc, timeoutSeconds = 1 }: Probe,
  host: string,
  port: number,
  why: string,
): string {
  const dial = `dial tcp ${host}:${port}: ${why}`;
  if (grpc !== undefined)
    return `timeout: failed to connect service "${host}:${port}" within ${timeoutSeconds}s: context deadline exceeded`;
  return httpGet === undefined ? dial : `Get "${urlOf(httpGet, host, port)}": ${dial}`;
}

/** The address that an HTTP probe asks (pkg/probe/http/request.go). */
export function urlOf(
  { scheme = 'HTTP', path = '/' }: NonNullable<Probe['httpGet']>,
  host: string,
  port: number,
): string {
  return `${scheme.toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
}
