import type { HostName } from '../../../protocol/host.ts';
import type { Host } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';

export interface ContainerHostOptions {
  readonly engine: Engine;
  readonly containerId: string;
  readonly name: HostName;
}

/**
 * A lab host that is a Docker container: any Linux with bash and perl-base, as Debian and kindest/node have it. Holds nothing open
 * between calls. Throws `LabError` when Docker or the container is gone.
 */
export function containerHost(options: ContainerHostOptions): Host {
  throw new Error(`not built yet: ${options.name}`);
}
