import type { HostName } from '../../../protocol/host.ts';
import { LabError } from '../../cluster.ts';
import { startLabContainer } from '../docker/lab-container.ts';
import type { LabNetwork } from '../docker/lab-network.ts';
import { containerHost } from '../hosts/container-host.ts';
import type { ReadyImages } from '../images/ensure-images.ts';
import { IMAGE_OF_HOST } from '../images/table.ts';
import type { ClusterNode } from './create-cluster.ts';
import { isNodeHost, type Workshop, type WorldRequest } from './world.ts';

/** A machine of the lab that is no node. */
export type LabHost = Omit<ClusterNode, 'name'> & { readonly name: HostName };

/** Starts the machines of the seed that kind does not make, at once. Throws `LabError`. */
export function startHosts(
  { engine, limits }: Workshop,
  { ownership, seed }: WorldRequest,
  { network, images }: { network: LabNetwork; images: ReadyImages },
  signal: AbortSignal,
): Promise<readonly LabHost[]> {
  const start = async (name: HostName): Promise<LabHost> => {
    const image = images.get(IMAGE_OF_HOST[name]);
    if (image === undefined)
      throw new LabError(`There is no image for ${name}.`, `Name one: --image ${IMAGE_OF_HOST[name]}=REFERENCE`);
    const { id, address } = await startLabContainer(
      engine,
      { ownership, host: name, image, network, limits: limits.host, capabilities: ['NET_ADMIN', 'NET_RAW'] },
      signal,
    );
    return { name, containerId: id, address, host: containerHost({ engine, containerId: id, name }) };
  };
  return Promise.all(seed.hosts.filter((name) => !isNodeHost(name)).map(start));
}
