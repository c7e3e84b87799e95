import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import { installedRelease } from '../apt/dpkg-status.ts';

/** `kubelet` at a prompt, where it is asked for its version at most: that of its package, or `release` where dpkg knows none. */
export function kubeletCommand(host: SimulatedHost, release: string): Command {
  return async (call) => {
    if (call.args.join(' ') === '--version') {
      await call.stdout(`Kubernetes ${(await installedRelease(host, 'kubelet')) ?? release}\n`);
      return 0;
    }
    await call.stderr('not simulated: kubelet in the foreground; use systemctl restart kubelet\n');
    return 1;
  };
}
