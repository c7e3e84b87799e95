import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import { parseLine } from '../command-line.ts';
import type { Connection } from './login-policy.ts';
import { DEFAULTS, values } from './login-policy.ts';
import { readConfig, SSHD_OPTIONS } from './sshd.ts';
import { findAccount } from '../accounts.ts';

/** `sshd -t` (is the configuration sound?) and `sshd -T [-C user=…,addr=…]` (what is in force?), see sshd(8). */
export function sshdCommand(host: SimulatedHost): Command {
  return async (call) => {
    const line = parseLine(call.args, SSHD_OPTIONS);
    const config = await readConfig(host, call.args);
    if (config.outcome === 'failed' || line.outcome === 'wrong') {
      const lines = config.outcome === 'failed' ? config.failure.lines : [];
      await call.stderr(lines.map((text) => `${text}\n`).join(''));
      return line.outcome === 'wrong' ? 1 : 255;
    }
    const { options } = line;
    if (!options.has('t') && !options.has('T')) {
      await call.stderr('not simulated: sshd in the foreground; use systemctl restart ssh\n');
      return 1;
    }
    if (!options.has('T')) {
      await call.stderr(config.warnings.map((text) => `${text}\n`).join(''));
      return 0;
    }
    const connection = await connectionOf(host, (options.get('C') ?? []).join(','));
    const keywords = new Set([...Object.keys(DEFAULTS), ...config.directives.map(({ keyword }) => keyword)]);
    const text = [...keywords].flatMap((keyword) => {
      const all = values(config.directives, keyword, connection);
      const rows = LISTS.has(keyword) ? all : all.slice(0, 1);
      const shown =
        rows.length > 0 ? rows.map((args) => args.join(' ')) : [DEFAULTS[keyword]].filter((text) => text !== undefined);
      return shown.map((value) => `${keyword} ${spelled(keyword, value)}\n`);
    });
    await call.stdout(text.join(''));
    return 0;
  };
}

const LISTS = new Set([
  'port',
  'listenaddress',
  'allowusers',
  'denyusers',
  'allowgroups',
  'denygroups',
  'acceptenv',
  'hostkey',
  'subsystem',
]);

/** sshd prints choices in lower case and the older name of prohibit-password. */
function spelled(keyword: string, value: string): string {
  if (keyword !== 'permitrootlogin') return value;
  return value.toLowerCase() === 'prohibit-password' ? 'without-password' : value.toLowerCase();
}

async function connectionOf(host: SimulatedHost, text: string): Promise<Connection | undefined> {
  if (text === '') return undefined;
  const given = Object.fromEntries(
    text.split(',').map((pair) => [pair.split('=')[0], pair.split('=').slice(1).join('=')]),
  );
  const user = given['user'] ?? '';
  return {
    user,
    groups: (await findAccount(host, user))?.groups ?? [],
    address: given['addr'] ?? '',
    localAddress: given['laddr'] ?? '',
    localPort: Number(given['lport'] ?? 22),
  };
}
