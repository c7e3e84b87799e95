import { z } from 'zod';
import { readHostText } from '../../daemons/host-text.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Profile } from './profile.ts';

/** The kernel's set of profiles on a machine, a file each. pods/security-profiles.ts asks for them too. */
const FOLDER = '/var/lib/breachlab/apparmor';
/** What containerd loads itself, and puts on containers that name no profile (contrib/apparmor/template.go). */
export const USUAL_PROFILE = 'cri-containerd.apparmor.d';
/** Where the kernel shows its set. */
export const SHOWN = '/sys/kernel/security/apparmor/profiles';
/** As many as a learner may load. */
const MAX_PROFILES = 500;

const Stored = z.object({
  name: z.string(),
  mode: z.enum(['enforce', 'complain', 'kill', 'unconfined']),
  deniesWriting: z.boolean(),
  files: z
    .array(z.object({ kind: z.string(), access: z.int().min(1).max(15), pattern: z.string().max(2000) }))
    .max(400),
  capabilities: z.array(z.string()).max(100),
  sockets: z.array(z.object({ family: z.int(), types: z.array(z.int()).max(10) })).max(10),
  notEnforced: z.array(z.string()),
});

/** Where a loaded profile of that name is kept on its machine. */
export const loadedProfileFile = (name: string): string => `${FOLDER}/${name.replaceAll('/', '.')}`;

/** The profiles that are loaded on a machine, by name in order. */
export async function loadedProfiles(host: SimulatedHost): Promise<readonly Profile[]> {
  const names = (await host.listFolder(FOLDER)) ?? [];
  const found = await Promise.all(names.slice(0, MAX_PROFILES).map((name) => read(host, `${FOLDER}/${name}`)));
  return found.filter((one) => one !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** One loaded profile; undefined when it is not loaded. */
export const loadedProfile = (host: SimulatedHost, name: string): Promise<Profile | undefined> =>
  read(host, loadedProfileFile(name));

/** Adds a profile, or replaces the one of its name. False: there are as many as may be. */
export async function load(host: SimulatedHost, profile: Profile): Promise<boolean> {
  const names = (await host.listFolder(FOLDER)) ?? [];
  if (names.length >= MAX_PROFILES) return false;
  await host.writeFile(loadedProfileFile(profile.name), Buffer.from(`${JSON.stringify(profile)}\n`), { mode: 0o600 });
  await show(host);
  return true;
}

export async function unload(host: SimulatedHost, name: string): Promise<void> {
  await host.removeFile(loadedProfileFile(name));
  await show(host);
}

/** A line of `SHOWN` for each profile (security/apparmor/apparmorfs.c). */
export const shown = (profiles: readonly Pick<Profile, 'name' | 'mode'>[]): string =>
  [{ name: USUAL_PROFILE, mode: 'enforce' }, ...profiles].map(({ name, mode }) => `${name} (${mode})\n`).join('');

async function show(host: SimulatedHost): Promise<void> {
  await host.writeFile(SHOWN, Buffer.from(shown(await loadedProfiles(host))), { mode: 0o444 });
}

async function read(host: SimulatedHost, path: string): Promise<Profile | undefined> {
  const text = await readHostText(host, path).catch(() => undefined);
  return text === undefined ? undefined : profileFromFile(text);
}

/** A loaded profile from what is kept of it; undefined for a file that a learner put there. */
export function profileFromFile(text: string): Profile | undefined {
  try {
    const stored = Stored.safeParse(JSON.parse(text));
    return stored.success ? stored.data : undefined;
  } catch {
    return undefined;
  }
}
