import type { Tool } from '../tool.ts';

const HELP = `aa-enabled: [options]
  options:
  -x | --exclusive    Shared interfaces must be available
  -q | --quiet        Don't print out any messages
  -h | --help         Print help
`;

/** `aa-enabled` (binutils/aa_enabled.c of 3.0): whether AppArmor holds programs on this machine, as the lab's model always does. */
export const AA_ENABLED: Tool = {
  name: 'aa-enabled',
  on: ['controlplane', 'node01'],
  command: () => async (call) => {
    const unknown = call.args.find((word) => !/^(?:-[xqh]|--exclusive|--quiet|--help)$/.test(word));
    if (unknown !== undefined) {
      await call.stderr(`unknown or incompatible options\n${HELP}`);
      return 1;
    }
    const isQuiet = call.args.some((word) => word === '-q' || word === '--quiet');
    if (call.args.some((word) => word === '-h' || word === '--help')) await call.stdout(HELP);
    else if (!isQuiet) await call.stdout('Yes\n');
    return 0;
  },
};
