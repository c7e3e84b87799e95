import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Engine } from '../../clusters/kind/docker/engine.ts';
import { KIND_CLUSTER_LABEL } from '../../clusters/kind/docker/ownership.ts';
import type { State } from './state.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');

/** As in a prepared node image, sshd runs. kind waits for the last words (providers/common/cgroups.go). */
const BOOTED = 'Reached target Multi-User System.';
const boot = (relayed: string): string => `
mkdir -p /run/sshd /etc/ssh
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
/usr/sbin/sshd -f /dev/null
/usr/local/bin/relay ${relayed}
echo '${BOOTED}'
exec sleep infinity`;

/** What listens on a node and is not in it, and where in it that is reached (control-planes.ts). */
const RELAYED: Readonly<Record<string, string>> = { 'control-plane': '6443 /run/stand-in/api.sock', worker: '' };

interface NodeSpec {
  readonly cluster: string;
  readonly role: string;
  readonly image: string;
  readonly network: string;
  readonly state: State;
}

/** A container with kind's name and labels (pkg/cluster/internal/providers/docker/provision.go), but not privileged. */
export async function startNode(
  docker: Engine['docker'],
  { cluster, role, image, network, state }: NodeSpec,
): Promise<void> {
  const name = `${cluster}-${role}`;
  for (const folder of [state.pki, state.sockets]) await mkdir(folder, { recursive: true });
  const programs = (await readdir(PROGRAMS)).map(
    (program) => `${join(PROGRAMS, program)}:/usr/local/bin/${program}:ro`,
  );
  const container = await docker.createContainer({
    name,
    Hostname: name,
    Image: image,
    Cmd: ['sh', '-c', boot(RELAYED[role] ?? '')],
    Labels: { [KIND_CLUSTER_LABEL]: cluster, 'io.x-k8s.kind.role': role },
    HostConfig: {
      NetworkMode: network,
      CapAdd: ['NET_ADMIN', 'NET_RAW'],
      Binds: [
        `${state.sockets}:/run/stand-in`,
        ...(role === 'control-plane' ? [`${state.pki}:/etc/kubernetes/pki`] : []),
        ...programs,
      ],
    },
  });
  await container.start();
  while (!String(await container.logs({ stdout: true })).includes(BOOTED)) await after(20);
}

export const nodesOf = (docker: Engine['docker'], cluster: string) =>
  docker.listContainers({ all: true, filters: { label: [`${KIND_CLUSTER_LABEL}=${cluster}`] } });

/** Their names. */
export async function deleteNodes(docker: Engine['docker'], cluster: string): Promise<readonly string[]> {
  const nodes = await nodesOf(docker, cluster);
  await Promise.all(nodes.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  return nodes.map(({ Names }) => Names[0]?.slice(1) ?? '');
}
