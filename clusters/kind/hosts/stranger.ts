import type { LabId } from '../../../protocol/ids.ts';
import type { Host } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { containerNameOf, STRANGER } from '../docker/lab-container.ts';
import { containerHost } from './container-host.ts';

/** The container from which `Lab.stranger` calls, of the image of `internet`. No terminal leads there. */
export function strangerOf(lab: LabId, engine: Engine): Host {
  return containerHost({ engine, containerId: containerNameOf(lab, STRANGER), name: 'internet' });
}
