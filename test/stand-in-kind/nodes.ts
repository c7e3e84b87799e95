import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../clusters/kind/docker/engine.ts';
import { KIND_CLUSTER_LABEL } from '../../clusters/kind/docker/ownership.ts';
import type { State } from './state.ts';

const PROGRAMS = join(import.meta.dirname, 'programs');

/** As in a node image, sshd runs, and nothing is started that the learner did not ask for. */
const BOOT = 'mkdir -p /run/sshd /etc/ssh; ssh-keygen -A >/dev/null; /usr/sbin/sshd -f /dev/null; exec sleep infinity';

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
    Cmd: ['sh', '-c', BOOT],
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
}

export const nodesOf = (docker: Engine['docker'], cluster: string) =>
  docker.listContainers({ all: true, filters: { label: [`${KIND_CLUSTER_LABEL}=${cluster}`] } });

/** Their names. */
export async function deleteNodes(docker: Engine['docker'], cluster: string): Promise<readonly string[]> {
  const nodes = await nodesOf(docker, cluster);
  await Promise.all(nodes.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  return nodes.map(({ Names }) => Names[0]?.slice(1) ?? '');
}
