import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import { optionTable, parseLine } from '../command-line.ts';
import { UnreadableFile } from '../host-text.ts';
import { UnreadableSources } from './apt-lists.ts';
import { list, madison, policy, show } from './apt-cache.ts';
import { type AptCall, fail, type ServiceUnits } from './apt-context.ts';
import { autoremove, install, remove, upgrade } from './apt-get.ts';
import { hold, showHold, unhold } from './apt-mark.ts';
import { update } from './apt-update.ts';

/** apt-pkg/cachefile.cc, of dpkg's record and the lists alike. */
const UNUSABLE = 'The package lists or status file could not be parsed or opened.';

type Verb = (call: AptCall) => Promise<number>;

const OPTIONS = optionTable(
  '-y --yes',
  '--assume-yes',
  '-q --quiet[=]',
  '-s --simulate',
  '--dry-run',
  '-f --fix-broken',
  '-V --verbose-versions',
  '-o --option=',
  '--no-install-recommends',
  '--only-upgrade',
  '--purge',
  '--allow-change-held-packages',
  '--allow-downgrades',
  '--installed',
  '--upgradable',
  '--reinstall',
  '-h --help',
  '-v --version',
);

const GET: Readonly<Record<string, Verb>> = {
  update,
  install,
  remove: (call) => remove(call),
  purge: (call) => remove(call, true),
  upgrade,
  'dist-upgrade': upgrade,
  autoremove,
  clean: () => Promise.resolve(0),
  autoclean: () => Promise.resolve(0),
};
const CACHE: Readonly<Record<string, Verb>> = { madison, policy, show };
const MARK: Readonly<Record<string, Verb>> = { hold, unhold, showhold: showHold };
const APT: Readonly<Record<string, Verb>> = { ...GET, 'full-upgrade': upgrade, list, policy, show };

/**
 * apt-get, apt, apt-cache and apt-mark over the lab's repositories (repositories.ts), with apt 2.6's texts. What is installed stands in
 * dpkg's own record on the host, so that its dpkg agrees.
 */
export function aptCommands(host: SimulatedHost, units: ServiceUnits): Readonly<Record<string, Command>> {
  const programs = { 'apt-get': GET, apt: APT, 'apt-cache': CACHE, 'apt-mark': MARK };
  return Object.fromEntries(Object.entries(programs).map(([name, verbs]) => [name, program(name, verbs, host, units)]));
}

function program(
  name: string,
  verbs: Readonly<Record<string, Verb>>,
  host: SimulatedHost,
  units: ServiceUnits,
): Command {
  return async (call) => {
    const line = parseLine(call.args, OPTIONS);
    if (line.outcome === 'wrong')
      return fail(call, `Command line option ${line.argument} is not understood in combination with the other options`);
    const [verb, ...words] = line.words;
    if (line.options.has('version')) {
      await call.stdout('apt 2.6.1 (amd64)\n');
      return 0;
    }
    const run = verb === undefined ? undefined : verbs[verb];
    if (run === undefined)
      return fail(call, `not simulated: ${name} ${verb ?? '--help'}; there are ${Object.keys(verbs).join(', ')}`);
    const options = new Map(line.options);
    if (options.has('assume-yes')) options.set('yes', ['']);
    if (options.has('dry-run')) options.set('simulate', ['']);
    try {
      return await run({ host, units, call, options, words });
    } catch (error) {
      if (error instanceof UnreadableSources)
        return fail(call, error.message, 'The list of sources could not be read.');
      if (!(error instanceof UnreadableFile)) throw error;
      const { path, reason } = error;
      return fail(call, `Could not open file ${path} - open (${reason})`, UNUSABLE);
    }
  };
}
