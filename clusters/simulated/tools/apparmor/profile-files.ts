import { posix } from 'node:path';
import { readHostText, UnreadableFile } from '../../daemons/host-text.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { parseProfiles } from './parse.ts';
import { ProfileError, type Profile } from './profile.ts';
import { tokens, type Token } from './tokens.ts';

/** Where `<…>` in an include is looked for, and profiles are kept. */
export const PROFILES = '/etc/apparmor.d';

/** Files that one profile may include, one in another included. The real tunables come to some twenty. */
const MAX_INCLUDES = 200;

/** Reads the profiles of a text on a host with whatever it includes. Throws `ProfileError`. */
export async function readProfiles(host: SimulatedHost, text: string, file: string): Promise<readonly Profile[]> {
  const budget = { left: MAX_INCLUDES };
  return parseProfiles(await follow(host, tokens(text, file), file, budget));
}

async function follow(
  host: SimulatedHost,
  written: readonly Token[],
  main: string,
  budget: { left: number },
): Promise<readonly Token[]> {
  const found: Token[] = [];
  for (const token of written) {
    if (token.kind !== 'include') {
      found.push(token);
      continue;
    }
    if (budget.left-- <= 0) throw new ProfileError(`AppArmor parser error for ${main}: too many includes`);
    for (const path of await filesOf(host, token, main)) {
      const text = await readHostText(host, path).catch((error: unknown) => {
        if (error instanceof UnreadableFile) return undefined;
        throw error;
      });
      if (text === undefined) {
        if (!token.optional) throw missing(token, main);
      } else found.push(...(await follow(host, tokens(text, path).slice(0, -1), main, budget)));
    }
  }
  return found;
}

/** A folder stands for the files in it. */
async function filesOf(host: SimulatedHost, { text }: Token, main: string): Promise<readonly string[]> {
  const bare = text.replaceAll(/[<>"]/g, '');
  const path = text.startsWith('<') ? posix.join(PROFILES, bare) : posix.resolve(posix.dirname(main), bare);
  const inside = await host.listFolder(path);
  return inside === undefined ? [path] : inside.map((name) => `${path}/${name}`);
}

const missing = ({ text, file, line }: Token, main: string): ProfileError =>
  new ProfileError(
    `AppArmor parser error for ${main} in profile ${file} at line ${line}: Could not open '${text.replaceAll(/[<>"]/g, '')}'`,
  );
