import type { Command, CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import { type KernelSettings, readSettings, settingsFiles } from './kernel-settings.ts';

const OPTIONS = optionTable(
  '-n --values',
  '-w --write',
  '-p --load[=]',
  '--system',
  '-a -A -X --all',
  '-q --quiet',
  '-e --ignore',
);
const REAL_MS = 10_000;

/**
 * `sysctl` on a node (procps-ng 4.0): the settings that a kubelet looks at are the lab's record, any other is read from the machine's
 * kernel and cannot be changed.
 */
export function sysctl(host: SimulatedHost, settings: KernelSettings): Command {
  return async (call) => {
    const line = parseLine(call.args, OPTIONS);
    if (line.outcome === 'wrong') {
      await call.stderr(`sysctl: ${line.complaint}\n`);
      return 1;
    }
    const { options, words } = line;
    const isQuiet = options.has('quiet');
    if (options.has('all')) return showAll(host, settings, call);
    const files = options.has('system')
      ? await settingsFiles(host)
      : options.has('load')
        ? [lastOption(options, 'load') || words[0] || '/etc/sysctl.conf']
        : [];
    let code = 0;
    for (const file of files) {
      if (options.has('system')) await call.stdout(`* Applying ${file} ...\n`);
      for (const [key, value] of await readSettings(host, file))
        code = (await write({ host, settings, call, isQuiet }, key, value)) || code;
    }
    if (files.length > 0) return code;
    for (const word of words) {
      const [name = '', ...value] = word.split('=');
      const key = name.trim().replaceAll('/', '.');
      code =
        (value.length > 0
          ? await write({ host, settings, call, isQuiet }, key, value.join('=').trim())
          : await show(host, settings, call, key, options.has('values'))) || code;
    }
    return code;
  };
}

interface Writing {
  readonly host: SimulatedHost;
  readonly settings: KernelSettings;
  readonly call: CommandCall;
  readonly isQuiet: boolean;
}

/** What the machine's kernel is set to already may be asked of it. */
async function write({ host, settings, call, isQuiet }: Writing, key: string, value: string): Promise<number> {
  if (!settings.set(key, value)) {
    const words = (text: string): string => text.trim().split(/\s+/).join(' ');
    const { stdout, stderr, exitCode } = await ask(host, call, ['-n', key]);
    if (exitCode !== 0) {
      await call.stderr(stderr);
      return exitCode;
    }
    if (words(String(stdout)) !== words(value)) {
      const kept = settings.entries.map(([one]) => one).join(', ');
      await call.stderr(
        `not simulated: another ${key} than ${words(String(stdout))}; a lab's kernel is its machine's, and keeps a record of ${kept} alone\n`,
      );
      return 255;
    }
  }
  if (!isQuiet) await call.stdout(`${key} = ${value}\n`);
  return 0;
}

async function show(
  host: SimulatedHost,
  settings: KernelSettings,
  call: CommandCall,
  key: string,
  bare: boolean,
): Promise<number> {
  const kept = settings.get(key);
  if (kept !== undefined) {
    await call.stdout(bare ? `${kept}\n` : `${key} = ${kept}\n`);
    return 0;
  }
  return real(host, call, bare ? ['-n', key] : [key]);
}

async function showAll(host: SimulatedHost, settings: KernelSettings, call: CommandCall): Promise<number> {
  const { stdout } = await host.exec(['/usr/sbin/sysctl', '-a'], { signal: AbortSignal.timeout(REAL_MS) });
  const lines = String(stdout)
    .split('\n')
    .filter((line) => line !== '' && settings.get(line.replace(/ =.*$/, '')) === undefined);
  const kept = settings.entries.map(([key, value]) => `${key} = ${value}`);
  await call.stdout(
    [...lines, ...kept]
      .toSorted()
      .map((line) => `${line}\n`)
      .join(''),
  );
  return 0;
}

async function real(host: SimulatedHost, call: CommandCall, args: readonly string[]): Promise<number> {
  const { stdout, stderr, exitCode } = await ask(host, call, args);
  await call.stdout(stdout);
  await call.stderr(stderr);
  return exitCode;
}

const ask = (host: SimulatedHost, call: CommandCall, args: readonly string[]) =>
  host.exec(['/usr/sbin/sysctl', ...args], { signal: AbortSignal.any([call.signal, AbortSignal.timeout(REAL_MS)]) });
