import { createHash } from 'node:crypto';
import { sizeOf } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import { DOCKER_API, DOCKER_VERSION, MIN_DOCKER_API } from '../versions.ts';
import { BRIDGE } from '../bridge-network.ts';
import type { Answer, Exchange } from './exchange.ts';

export function version(): Answer {
  const details = { ApiVersion: DOCKER_API, MinAPIVersion: MIN_DOCKER_API, Os: 'linux', Arch: 'amd64' };
  return {
    status: 200,
    body: {
      Platform: { Name: 'Docker Engine - Community' },
      Components: [{ Name: 'Engine', Version: DOCKER_VERSION, Details: details }],
      Version: DOCKER_VERSION,
      ...details,
    },
  };
}

export function info({ engine, host }: Exchange): Answer {
  const { settings } = engine;
  const containers = engine.containers();
  const count = (...states: string[]): number => containers.filter(({ state }) => states.includes(state)).length;
  const userns = typeof settings['userns-remap'] === 'string' && settings['userns-remap'] !== '';
  return {
    status: 200,
    body: {
      Containers: containers.length,
      ContainersRunning: count('running', 'restarting'),
      ContainersPaused: 0,
      ContainersStopped: count('exited', 'created'),
      Images: new Set(engine.images.list().map(({ id }) => id)).size,
      Driver: settings['storage-driver'] ?? 'overlay2',
      Name: host,
      ServerVersion: DOCKER_VERSION,
      OSType: 'linux',
      Architecture: 'x86_64',
      DockerRootDir: settings['data-root'] ?? '/var/lib/docker',
      LoggingDriver: settings['log-driver'] ?? 'json-file',
      CgroupDriver: 'systemd',
      LiveRestoreEnabled: settings['live-restore'] === true,
      Debug: settings['debug'] === true,
      ExperimentalBuild: settings['experimental'] === true,
      SecurityOptions: [
        'name=seccomp,profile=builtin',
        ...(userns ? ['name=userns'] : []),
        'name=cgroupns',
        ...(settings['no-new-privileges'] === true ? ['name=no-new-privileges'] : []),
      ],
    },
  };
}

/** Containers take no room of the engine's own: what they write is gone with them. */
export function diskUsage({ engine }: Exchange): Answer {
  const containers = engine.containers();
  const images = engine.images.list();
  const users = (id: string): number => containers.filter(({ image }) => image.id === id).length;
  return {
    status: 200,
    body: {
      LayersSize: images.reduce((sum, image) => sum + sizeOf(image), 0),
      Images: images.map((image) => ({
        Id: image.id,
        RepoTags: [image.reference],
        Size: sizeOf(image),
        SharedSize: 0,
        Containers: users(image.id),
      })),
      Containers: containers.map(({ id, state }) => ({ Id: id, State: state, SizeRw: 0 })),
      Volumes: [],
      BuildCache: [],
    },
  };
}

/** The networks that every engine has; others cannot be made. */
const NETWORKS = ['bridge', 'host', 'none'];
const networkId = (host: string, name: string): string =>
  createHash('sha256').update(`network ${name} of ${host}`).digest('hex');

/** What the API tells of each, with the containers that have an address in it. */
function described({ engine, host }: Exchange): readonly { readonly Name: string; readonly Id: string }[] {
  const inside = engine
    .containers()
    .flatMap(({ id, name, run }) =>
      run?.address === undefined
        ? []
        : [[id, { Name: name, IPv4Address: `${run.address}/${BRIDGE.prefix}`, IPv6Address: '' }] as const],
    );
  return NETWORKS.map((name) => ({
    Name: name,
    Id: networkId(host, name),
    Scope: 'local',
    Driver: name === 'none' ? 'null' : name,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Config: name === 'bridge' ? [{ Subnet: '172.17.0.0/16', Gateway: BRIDGE.gateway }] : [],
    },
    Internal: false,
    Containers: name === 'bridge' ? Object.fromEntries(inside) : {},
    Options: name === 'bridge' ? { 'com.docker.network.bridge.name': 'docker0' } : {},
    Labels: {},
  }));
}

export const listNetworks = (exchange: Exchange): Answer => ({ status: 200, body: described(exchange) });

export function inspectNetwork(exchange: Exchange): Answer {
  const { name } = exchange;
  const found = described(exchange).find((one) => one.Name === name || one.Id.startsWith(name));
  if (found === undefined) throw new EngineRefusal(404, `network ${name} not found`);
  return { status: 200, body: found };
}
