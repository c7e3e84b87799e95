import type { ContainerPort, PodSpec } from '../../../model/generated/objects.ts';
import { containersWithPaths } from './windows.ts';

interface Placed {
  readonly at: string;
  readonly port: ContainerPort;
}

/** warningsForPodSpecAndMeta of pkg/api/pod/warnings.go, as far as it looks at ports: of all containers together. */
export function portWarnings(spec: PodSpec, path: string): string[] {
  const warnings = nameWarnings(spec, path);
  const open = new Map<string, Placed[]>();
  for (const { at, port } of portsOf(spec, path)) {
    if (port.hostIP && !port.hostPort) warnings.push(`${at}: hostIP set without hostPort: ${goText(port)}`);
    const key = `${port.containerPort}/${port.protocol}`;
    const others = open.get(key) ?? [];
    for (const other of others) {
      const clash = clashOf(port, other.port);
      if (clash !== undefined) warnings.push(`${at}: ${clash} port definition with ${other.at}`);
    }
    open.set(key, [...others, { at, port }]);
  }
  return warnings;
}

function* portsOf(spec: PodSpec, path: string): Generator<Placed> {
  for (const [{ ports = [] }, where] of containersWithPaths(spec, path)) {
    for (const [i, port] of ports.entries()) yield { at: `${where}.ports[${i}]`, port };
  }
}

/** Names that two containers give a port, of those that run along the pod: the first one has it. */
function nameWarnings(spec: PodSpec, path: string): string[] {
  const sidecars = (spec.initContainers ?? []).map((init) => (init.restartPolicy === 'Always' ? init : { name: '' }));
  const first = new Map<string, string>();
  const warnings: string[] = [];
  for (const { at, port } of portsOf({ ...spec, initContainers: sidecars }, path)) {
    const { name = '' } = port;
    const other = first.get(name);
    if (name === '') continue;
    if (other === undefined) first.set(name, at);
    else {
      const who = `services and probes that select ports by name will use ${other}`;
      warnings.push(`${at}: duplicate port name ${JSON.stringify(name)} with ${other}, ${who}`);
    }
  }
  return warnings;
}

function clashOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const [hostPort, otherPort] = [a.hostPort ?? 0, b.hostPort ?? 0];
  const [hostIP, otherIP] = [a.hostIP ?? '', b.hostIP ?? ''];
  if (hostIP === otherIP && hostPort === otherPort) return 'duplicate';
  if (hostPort === 0 || otherPort === 0) return 'overlapping';
  return hostPort === otherPort && (hostIP === '') !== (otherIP === '') ? 'dangerously ambiguous' : undefined;
}

/** A port as Go's `%+v` prints the internal struct. */
const goText = ({ name = '', hostPort = 0, containerPort, protocol = '', hostIP = '' }: ContainerPort): string =>
  `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
