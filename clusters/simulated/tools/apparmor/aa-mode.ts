import { posix } from 'node:path';
import { readHostText } from '../../daemons/host-text.ts';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Tool } from '../tool.ts';
import { load, unload } from './loaded-profiles.ts';
import { type Profile, ProfileError } from './profile.ts';
import { PROFILES, readProfiles } from './profile-files.ts';
import { withMode } from './profile-flags.ts';

type Wish = 'complain' | 'enforce' | 'disable';

const SAYS: Readonly<Record<Wish, (path: string) => string>> = {
  complain: (path) => `Setting ${path} to complain mode.\n`,
  enforce: (path) => `Setting ${path} to enforce mode.\n`,
  disable: (path) => `Disabling ${path}.\n`,
};

/** aa-enforce(8) and its like: changes the flags in profiles' files and what is loaded of them. Named by file, by its name, or by profile. */
const tool = (name: string, wish: Wish): Tool => ({
  name,
  on: ['controlplane', 'node01'],
  command:
    ({ host }) =>
    async (call) => {
      const option = call.args.find((word) => word.startsWith('-'));
      if (option === '--version') {
        await call.stdout(
          `${name}, as this lab models it: the flags of profiles' files and the machine's set of profiles\n`,
        );
        return 0;
      }
      if (option !== undefined || call.args.length === 0) {
        await call.stderr(
          option === undefined ? `usage: ${name} program [program ...]\n` : `not simulated: ${name} ${option}\n`,
        );
        return option === undefined ? 2 : 1;
      }
      let status = 0;
      for (const word of call.args) {
        const problem = await change(host, call, word, wish);
        if (problem === undefined) continue;
        await call.stderr(`${problem}\n`);
        status = 1;
      }
      return status;
    },
});

async function change(host: SimulatedHost, call: CommandCall, word: string, wish: Wish): Promise<string | undefined> {
  const path = await fileOf(host, call.cwd, word);
  if (path === undefined)
    return word.includes('/')
      ? `\n${word} does not exist, please double-check the path.`
      : `Can't find ${word} in the system path list. If the name of the application\nis correct, please run 'which ${word}' as a user with correct PATH\nenvironment set up in order to find the fully-qualified path and\nuse the full path as parameter.`;
  const before = (await readHostText(host, path)) ?? '';
  const text = wish === 'disable' ? before : withMode(before, wish);
  let profiles: readonly Profile[];
  try {
    profiles = await readProfiles(host, text, path);
  } catch (error) {
    if (error instanceof ProfileError) return error.message;
    throw error;
  }
  await call.stdout(SAYS[wish](path));
  const disabled = `${PROFILES}/disable/${posix.basename(path)}`;
  if (wish === 'disable') {
    await host.makeLink(disabled, path);
    for (const { name } of profiles) await unload(host, name);
    return undefined;
  }
  if (text !== before) await host.writeFile(path, Buffer.from(text), { mode: 0o644 });
  await host.removeFile(disabled);
  for (const profile of profiles)
    if (!(await load(host, profile))) return `Unable to replace "${profile.name}".  No space left on device`;
  return undefined;
}

/** The profile's file that a word means; undefined when there is none. */
async function fileOf(host: SimulatedHost, cwd: string, word: string): Promise<string | undefined> {
  const isFile = async (path: string): Promise<boolean> => (await host.fileSize(path)) !== undefined;
  const named = posix.resolve(cwd, word);
  if (posix.dirname(named) === PROFILES && (await isFile(named))) return named;
  for (const name of (await host.listFolder(PROFILES)) ?? []) {
    const path = `${PROFILES}/${name}`;
    if (!(await isFile(path))) continue;
    if (name === word || name === word.replace(/^\//, '').replaceAll('/', '.')) return path;
    const text = await readHostText(host, path).catch(() => undefined); // too long for a profile
    const profiles = text === undefined ? [] : await readProfiles(host, text, path).catch(() => []); // not one that can be read
    if (profiles.some((profile) => profile.name === word)) return path;
  }
  return undefined;
}

export const AA_ENFORCE = tool('aa-enforce', 'enforce');
export const AA_COMPLAIN = tool('aa-complain', 'complain');
export const AA_DISABLE = tool('aa-disable', 'disable');
