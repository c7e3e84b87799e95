import type { HostName } from '../../../protocol/host.ts';
import { LabError } from '../../cluster.ts';
import { STRANGER, startLabContainer } from '../docker/lab-container.ts';
import type { LabNetwork } from '../docker/lab-network.ts';
import { containerHost } from '../hosts/container-host.ts';
import type { ReadyImages } from '../images/ensure-images.ts';
import { IMAGE_OF_HOST } from '../images/table.ts';
import type { ClusterNode } from './create-cluster.ts';
import { isNodeHost, type Workshop, type WorldRequest } from './world.ts';

/** A machine of the lab that is no node. */
export type LabHost = Omit<ClusterNode, 'name'> & { readonly name: HostName };

/** Starts the machines of the seed that kind does not make, and a stranger where one is the internet, at once. Throws `LabError`. */
export async function startHosts(
  { engine, limits }: Workshop,
  { ownership, seed }: WorldRequest,
  { network, images }: { network: LabNetwork; images: ReadyImages },
  signal: AbortSignal,
): Promise<readonly LabHost[]> {
  const imageOf = (name: HostName): string => {
    const image = images.get(IMAGE_OF_HOST[name]);
    if (image !== undefined) return image;
    throw new LabError(`There is no image for ${name}.`, `Name one: --image ${IMAGE_OF_HOST[name]}=REFERENCE`);
  };
  const every = { ownership, network, limits: limits.host };
  const start = async (name: HostName): Promise<LabHost> => {
    const { id, address } = await startLabContainer(
      engine,
      { ...every, host: name, image: imageOf(name), capabilities: ['NET_ADMIN', 'NET_RAW'] },
      signal,
    );
    return { name, containerId: id, address, host: containerHost({ engine, containerId: id, name }) };
  };
  const [machines] = await Promise.all([
    Promise.all(seed.hosts.filter((name) => !isNodeHost(name)).map(start)),
    seed.hosts.includes('internet') &&
      startLabContainer(engine, { ...every, host: STRANGER, image: imageOf('internet') }, signal),
  ]);
  return machines;
}
