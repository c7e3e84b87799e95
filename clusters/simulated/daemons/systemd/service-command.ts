import type { Command } from '../../hosts/simulated-host.ts';

const ACTIONS = new Set(['start', 'stop', 'restart', 'reload', 'status', 'try-restart']);

/** `service NAME ACTION`, which on a systemd host is systemctl with its words turned round (Debian's init-system-helpers). */
export function serviceCommand(systemctl: Command): Command {
  return async (call) => {
    const [name, action] = call.args;
    if (name === undefined || action === undefined) {
      await call.stderr('Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]\n');
      return 1;
    }
    if (!ACTIONS.has(action)) {
      await call.stderr(`${name}: unrecognized service\n`);
      return 1;
    }
    return systemctl({ ...call, args: [action, name] });
  };
}
