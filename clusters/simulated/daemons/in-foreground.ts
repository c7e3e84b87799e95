import type { Command } from '../hosts/simulated-host.ts';

/** A daemon's program at a prompt: it tells its version, as `--version` has it, and is not run by hand. */
export function inForeground(name: string, unit: string, version: string): Command {
  return async (call) => {
    if (call.args.join(' ') === '--version' || call.args.join(' ') === '-v') {
      await call.stdout(`${version}\n`);
      return 0;
    }
    await call.stderr(`not simulated: ${name} in the foreground; use systemctl restart ${unit}\n`);
    return 1;
  };
}
