import type { Duplex } from 'node:stream';
import { ApiError } from '../../status.ts';
import { commonHeaders } from '../http/respond.ts';
import { writeContext, type ResourceExchange } from '../http/exchange.ts';
import { admissionRequest } from '../registry/admission-request.ts';
import { forward, securedBackend, tunnel } from './forward.ts';
import { locate, unreachable, type Location } from './location.ts';

/** client-go's and the proxy transport's Dialer */
const DIAL_MS = 30_000;

/** `pods/proxy`, `services/proxy` and `nodes/proxy` (apimachinery/pkg/util/proxy/upgradeaware.go behind the resource's location). */
export async function proxy(exchange: ResourceExchange): Promise<void> {
  const { info, row, parts, request, response, upgrade } = exchange;
  const context = writeContext(exchange, Object.fromEntries(info.query));
  const { namespace, name } = info;
  const asked = admissionRequest({ row, operation: 'CONNECT', namespace, name, context });
  await parts.security.admission.mutate(asked);
  await parts.security.admission.validate(asked);
  const location = locate({ plural: row.plural, namespace, id: name }, parts.cluster);
  const { pathname, search } = innerUrl(request.url ?? '/');
  if (pathname === '' && (request.method === 'GET' || request.method === 'HEAD')) {
    // So that relative links of the page lead through the proxy.
    const to = `${info.path}/${search}`;
    response.writeHead(301, [...commonHeaders(exchange), 'Location', to, 'Content-Length', '0'] as never).end();
    return;
  }
  const socket = await connect(exchange, location);
  const path = `${pathname === '' ? '/' : pathname}${search}`;
  try {
    if (upgrade) tunnel(exchange, location, path, socket);
    else await forward(exchange, location, path, socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What follows `/proxy` in the URL, as it was sent. */
function innerUrl(url: string): { pathname: string; search: string } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const found = /^\/api\/[^/]+(?:\/namespaces\/[^/]+)?\/[^/]+\/[^/]+\/proxy(.*)$/.exec(path);
  return { pathname: found?.[1] ?? '', search: mark < 0 ? '' : url.slice(mark) };
}

async function connect({ parts, row }: ResourceExchange, { to, port, secure }: Location): Promise<Duplex> {
  const { network } = parts;
  const signal = AbortSignal.timeout(DIAL_MS);
  const dial =
    'pod' in to
      ? network && (() => network.pod(to.pod, port, signal))
      : network?.machine && (() => network.machine!(to.machine, port, signal));
  if (!dial) {
    throw new ApiError(
      501,
      'NotImplemented',
      `not simulated: the proxy subresource of ${row.plural} without machines`,
      {},
    );
  }
  try {
    const socket = await dial();
    socket.on('error', () => socket.destroy());
    if (!secure) return socket;
    return await securedBackend(socket, 'pod' in to || !to.isKubelet ? undefined : parts.security.kubelet);
  } catch (error) {
    throw unreachable((error as Error).message);
  }
}
