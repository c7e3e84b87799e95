import { posix } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { lastOption, optionTable, parseLine, type Options } from '../../daemons/command-line.ts';
import { readHostText, UnreadableFile } from '../../daemons/host-text.ts';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Tool } from '../tool.ts';
import { load, loadedProfile, unload } from './loaded-profiles.ts';
import { ProfileError, type Profile } from './profile.ts';
import { readProfiles } from './profile-files.ts';
import { PROFILE_SAMPLES } from './profile-samples.ts';

const OPTIONS = optionTable(
  '-a --add',
  '-r --replace',
  '-R --remove',
  '-C --Complain',
  '-N --names',
  '-Q --skip-kernel-load',
  '-q --quiet',
  '-v --verbose',
  '-V --version',
  '-K --skip-cache',
  '-T --skip-read-cache',
  '-W --write-cache',
  '-h --help',
);

type Task = 'add' | 'replace' | 'remove' | 'names' | 'check';

/** Of errno(3); the program ends with their negative. */
const ENOENT = 2;
const EEXIST = 17;
const ENOSPC = 28;

/** Lines about one profile. */
const MOST_TOLD = 20;

const VERSION =
  "AppArmor parser version 3.0.8, as this lab models it: it reads profiles and keeps the machine's set of them\n";

/** `apparmor_parser` (apparmor_parser(8)): loads profiles into this machine's set, or takes them out. */
export const APPARMOR_PARSER: Tool = {
  name: 'apparmor_parser',
  on: ['controlplane', 'node01'],
  files: PROFILE_SAMPLES,
  command:
    ({ host }) =>
    async (call) => {
      const line = parseLine(call.args, OPTIONS);
      if (line.outcome === 'wrong') {
        await call.stderr(`apparmor_parser: ${line.complaint}\nnot simulated: apparmor_parser ${line.argument}\n`);
        return 1;
      }
      const { options, words } = line;
      if (options.has('version') || options.has('help')) {
        await call.stdout(options.has('version') ? VERSION : HELP);
        return 0;
      }
      const sources = words.length === 0 ? [undefined] : words;
      let status = 0;
      for (const source of sources) {
        const failed = await handle(host, call, source, options);
        if (failed !== 0) status = failed;
      }
      return status;
    },
};

async function handle(host: SimulatedHost, call: CommandCall, source: string | undefined, options: Options) {
  const fail = async (text: string, status = 1): Promise<number> => {
    await call.stderr(`${text}\n`);
    return status;
  };
  if (source !== undefined) {
    const path = posix.resolve(call.cwd, source);
    const inside = await host.listFolder(path);
    if (inside !== undefined) {
      let status = 0;
      // As the real one passes over what packages and editors leave (lib, `is_blacklisted`), and folders inside.
      for (const name of inside.filter((one) => !/^\.|~$|\.(?:dpkg-\w+|rpm\w+|orig|rej|md)$|^README$/.test(one))) {
        if ((await host.listFolder(`${path}/${name}`)) !== undefined) continue;
        status ||= await handle(host, call, `${path}/${name}`, options);
      }
      return status;
    }
  }
  let profiles: readonly Profile[];
  try {
    const text =
      source === undefined ? await readAll(call.stdin) : await readHostText(host, posix.resolve(call.cwd, source));
    if (text === undefined) return await fail(`File ${source} not found, skipping...`);
    profiles = await readProfiles(host, text, source ?? 'stdin');
  } catch (error) {
    if (error instanceof ProfileError) return fail(error.message);
    if (error instanceof UnreadableFile) return fail(`Error: Could not read profile ${source}: ${error.reason}`);
    throw error;
  }
  const task = taskOf(options);
  for (const profile of profiles) {
    const mode = options.has('Complain') ? 'complain' : profile.mode;
    const failed = await perform(host, call, task, { ...profile, mode }, options.has('verbose'));
    if (failed !== 0) return failed;
  }
  return 0;
}

function taskOf(options: Options): Task {
  if (options.has('names')) return 'names';
  if (options.has('skip-kernel-load')) return 'check';
  if (options.has('remove')) return 'remove';
  return lastOption(options, 'replace') === undefined ? 'add' : 'replace';
}

/** What the kernel would answer, in the words of parser/parser_interface.c. */
async function perform(host: SimulatedHost, call: CommandCall, task: Task, profile: Profile, verbose: boolean) {
  const { name } = profile;
  const failed = async (verb: string, why: string, errno: number): Promise<number> => {
    await call.stderr(`apparmor_parser: Unable to ${verb} "${name}".  ${why}\n`);
    return 256 - errno;
  };
  const done = async (what: string): Promise<number> => {
    if (verbose) await call.stdout(`${what} succeeded for "${name}".\n`);
    return 0;
  };
  if (task === 'check') return 0;
  if (task === 'names') {
    await call.stdout(`${name}\n`);
    return 0;
  }
  const known = (await loadedProfile(host, name)) !== undefined;
  if (task === 'remove') {
    if (!known) return failed('remove', "Profile doesn't exist", ENOENT);
    await unload(host, name);
    return done('Removal');
  }
  if (task === 'add' && known) return failed('add', 'Profile already exists', EEXIST);
  if (!(await load(host, profile))) return failed(task, 'No space left on device', ENOSPC);
  if (profile.mode === 'enforce' || profile.mode === 'kill')
    for (const what of profile.notEnforced.slice(0, MOST_TOLD))
      await call.stderr(`not simulated: profile "${name}": ${what}\n`);
  return done(task === 'add' ? 'Addition' : 'Replacement');
}

const HELP = `Usage: apparmor_parser [options] [profile]

Options:
--------
-a, --add		Add apparmor definitions [default]
-r, --replace		Replace apparmor definitions
-R, --remove		Remove apparmor definitions
-C, --Complain		Force the profile into complain mode
-N, --names		Dump names of profiles in input.
-Q, --skip-kernel-load	Do everything except loading into kernel
-V, --version		Display version info and exit
-q, --quiet		Don't emit warnings
-v, --verbose		Show profile names as they load
-h, --help		Display this text and exit
`;
