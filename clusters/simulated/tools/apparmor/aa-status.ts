import type { CommandCall } from '../../hosts/simulated-host.ts';
import type { Pod } from '../../kubernetes/model/generated/objects.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { loadedProfiles, USUAL_PROFILE } from './loaded-profiles.ts';
import type { Profile, ProfileMode } from './profile.ts';

type Loaded = Pick<Profile, 'name' | 'mode'>;

const MODES: readonly ProfileMode[] = ['enforce', 'complain', 'kill', 'unconfined'];

const status =
  ({ host, cluster }: ToolContext) =>
  async (call: CommandCall): Promise<number> => {
    const [option = '--verbose', ...more] = call.args;
    const profiles = [{ name: USUAL_PROFILE, mode: 'enforce' as const }, ...(await loadedProfiles(host))];
    const counted = COUNTED[option];
    if (more.length > 0) {
      await call.stderr('Error: Too many options.\n');
      return 1;
    }
    if (option === '--version') {
      await call.stdout("aa-status 3.0.8, as this lab models it: the machine's set of profiles\n");
      return 0;
    }
    if (option === '--help') await call.stdout(HELP);
    else if (counted !== undefined) await call.stdout(`${profiles.filter(counted).length}\n`);
    else if (option === '--json' || option === '--pretty-json') {
      const whole = {
        version: '2',
        profiles: Object.fromEntries(profiles.map(({ name, mode }) => [name, mode])),
        processes: {},
      };
      await call.stdout(`${JSON.stringify(whole, undefined, option === '--json' ? undefined : '\t')}\n`);
    } else if (option === '--verbose') await call.stdout(report(profiles));
    else if (option !== '--enabled') {
      await call.stderr(`Error: Invalid command: ${option}\nnot simulated: aa-status ${option}\n`);
      return 1;
    }
    const confined = (cluster.list(cluster.resource('pods')) as readonly Pod[]).some(
      (pod) => pod.spec.nodeName === host.name && namesProfile(pod),
    );
    if (confined && (option === '--verbose' || option.endsWith('json')))
      await call.stderr('not simulated: the processes of pods under their profiles\n');
    return 0;
  };

/** `aa-status` and its other name (aa-status(8)): what is loaded on this machine. */
export const AA_STATUS: Tool = { name: 'aa-status', on: ['controlplane', 'node01'], command: status };
export const APPARMOR_STATUS: Tool = { ...AA_STATUS, name: 'apparmor_status' };

/** binutils/aa_status.c of 3.0. */
const HELP = `Usage: aa-status [OPTIONS]
Displays various information about the currently loaded AppArmor policy.
OPTIONS (one only):
  --enabled       returns error code if AppArmor not enabled
  --profiled      prints the number of loaded policies
  --enforced      prints the number of loaded enforcing policies
  --complaining   prints the number of loaded non-enforcing policies
  --kill          prints the number of loaded enforcing policies that kill tasks on policy violations
  --special-unconfined prints the number of loaded non-enforcing policies in the special unconfined mode
  --process-mixed prints the number processes with mixed profile modes
  --json          displays multiple data points in machine-readable JSON format
  --pretty-json   same data as --json, formatted for human consumption as well
  --verbose       (default) displays multiple data points about loaded policy set
  --help          this message
`;

const COUNTED: Readonly<Record<string, (profile: Loaded) => boolean>> = {
  '--profiled': () => true,
  '--enforced': ({ mode }) => mode === 'enforce',
  '--complaining': ({ mode }) => mode === 'complain',
  '--kill': ({ mode }) => mode === 'kill',
  '--special-unconfined': ({ mode }) => mode === 'unconfined',
  '--process-mixed': () => false,
};

function report(profiles: readonly Loaded[]): string {
  const lines = ['apparmor module is loaded.', `${profiles.length} profiles are loaded.`];
  for (const mode of MODES) {
    const those = profiles.filter((one) => one.mode === mode);
    lines.push(`${those.length} profiles are in ${mode} mode.`, ...those.map(({ name }) => `   ${name}`));
  }
  lines.push(
    '0 processes have profiles defined.',
    '0 processes are in enforce mode.',
    '0 processes are in complain mode.',
    '0 processes are unconfined but have a profile defined.',
    '0 processes are in mixed mode.',
    '0 processes are in kill mode.',
  );
  return lines.map((line) => `${line}\n`).join('');
}

const namesProfile = ({ spec }: Pod): boolean =>
  [spec, ...(spec.containers ?? [])].some(
    ({ securityContext }) => securityContext?.appArmorProfile?.type === 'Localhost',
  );
