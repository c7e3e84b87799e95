import type { Container, LifecycleHandler, Probe } from '../../../model/generated/objects.ts';
import { addTexts, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateNonNegative, validatePort, validatePortNumber } from '../numbers.ts';

type Probed = Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe' | 'lifecycle'>;

/** Lifecycle and probes of a container that runs along the pod. `gracePeriod` in seconds. */
export function validateProbes(
  { lifecycle, livenessProbe, readinessProbe, startupProbe }: Probed,
  gracePeriod: number | undefined,
  path: string,
  found: Findings,
): void {
  if (lifecycle) {
    for (const hook of ['postStart', 'preStop'] as const) {
      const handler = lifecycle[hook];
      if (handler) validateHandler(handler, gracePeriod, `${path}.lifecycle.${hook}`, found);
    }
  }
  if (livenessProbe) {
    validateProbe(livenessProbe, gracePeriod, `${path}.livenessProbe`, found);
    validateOnce(livenessProbe, `${path}.livenessProbe`, found);
  }
  if (readinessProbe) {
    validateProbe(readinessProbe, gracePeriod, `${path}.readinessProbe`, found);
    const { terminationGracePeriodSeconds: seconds } = readinessProbe;
    if (seconds !== undefined) {
      const field = `${path}.readinessProbe.terminationGracePeriodSeconds`;
      found.push(invalid(field, seconds, 'must not be set for readinessProbes'));
    }
  }
  if (startupProbe) {
    validateProbe(startupProbe, gracePeriod, `${path}.startupProbe`, found);
    validateOnce(startupProbe, `${path}.startupProbe`, found);
  }
}

function validateOnce({ successThreshold }: Probe, path: string, found: Findings): void {
  if (successThreshold !== 1) found.push(invalid(`${path}.successThreshold`, successThreshold ?? 0, 'must be 1'));
}

function validateProbe(probe: Probe, gracePeriod: number | undefined, path: string, found: Findings): void {
  validateHandler(probe, gracePeriod, path, found);
  validateNonNegative(probe.initialDelaySeconds, `${path}.initialDelaySeconds`, found);
  validateNonNegative(probe.timeoutSeconds, `${path}.timeoutSeconds`, found);
  validateNonNegative(probe.periodSeconds, `${path}.periodSeconds`, found);
  validateNonNegative(probe.successThreshold, `${path}.successThreshold`, found);
  validateNonNegative(probe.failureThreshold, `${path}.failureThreshold`, found);
  const { terminationGracePeriodSeconds: seconds } = probe;
  if (seconds !== undefined && seconds <= 0) {
    found.push(invalid(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'));
  }
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

/** validateHandler: the first kind that is given is looked into, a second is one too many. */
function validateHandler(handler: Handler, gracePeriod: number | undefined, path: string, found: Findings): void {
  const given = HANDLERS.filter((kind) => handler[kind] !== undefined);
  const [first, ...more] = given;
  if (first === undefined) return void found.push(required(path, 'must specify a handler type'));
  validateAction(handler, gracePeriod, path, found);
  for (const kind of more) found.push(forbidden(`${path}.${kind}`, 'may not specify more than 1 handler type'));
}

const HEADER_NAME = /^[-A-Za-z0-9]+$/;
const WRONG_HEADER =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

function validateAction(handler: Handler, gracePeriod: number | undefined, path: string, found: Findings): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec) {
    if ((exec.command ?? []).length === 0) found.push(required(`${path}.exec.command`));
  } else if (httpGet) {
    const at = `${path}.httpGet`;
    if (!httpGet.path) found.push(required(`${at}.path`));
    validatePort(httpGet.port, `${at}.port`, found);
    if (httpGet.scheme !== 'HTTP' && httpGet.scheme !== 'HTTPS') {
      found.push(notSupported(`${at}.scheme`, httpGet.scheme ?? '', ['HTTP', 'HTTPS']));
    }
    for (const { name } of httpGet.httpHeaders ?? []) {
      addTexts(found, `${at}.httpHeaders`, name, HEADER_NAME.test(name) ? [] : [WRONG_HEADER]);
    }
  } else if (tcpSocket) {
    validatePort(tcpSocket.port, `${path}.tcpSocket.port`, found);
  } else if (grpc) {
    validatePortNumber(grpc.port, `${path}.grpc.port`, found);
  } else if (sleep && gracePeriod !== undefined && (sleep.seconds < 0 || sleep.seconds > gracePeriod)) {
    const why = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`;
    found.push(invalid(`${path}.sleep`, sleep.seconds, why));
  }
}
