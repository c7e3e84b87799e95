import type { Command } from '../../hosts/simulated-host.ts';

/** `kubelet` at a prompt, where it is asked for its version at most. */
export function kubeletCommand(release: string): Command {
  return async (call) => {
    if (call.args.join(' ') === '--version') {
      await call.stdout(`Kubernetes ${release}\n`);
      return 0;
    }
    await call.stderr('not simulated: kubelet in the foreground; use systemctl restart kubelet\n');
    return 1;
  };
}
