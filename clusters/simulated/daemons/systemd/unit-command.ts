import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';
import { assignments, commandArguments, environmentFile, setting, settingWords } from './unit-file.ts';
import type { UnitDefinition } from './unit-files.ts';

/** What a unit starts, its variables filled in. */
export interface UnitCommand {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Works out `ExecStart=` with `Environment=` and the files of `EnvironmentFile=` as they are now; a missing file counts as empty. */
export async function commandOf(host: SimulatedHost, { settings }: UnitDefinition): Promise<UnitCommand> {
  const environment = assignments(settingWords(settings, 'Service.Environment'));
  const files = (settings.get('Service.EnvironmentFile') ?? []).map((file) => file.replace(/^-/, ''));
  for (const text of await Promise.all(files.map((file) => readHostText(host, file).catch(() => undefined))))
    Object.assign(environment, environmentFile(text ?? ''));
  return { argv: commandArguments(setting(settings, 'Service.ExecStart') ?? '', environment), environment };
}

/** The name under which a command line's program writes to the journal. */
export function programOf(command: string): string {
  return basename(commandArguments(command, {})[0] ?? '');
}

export function basename(path: string): string {
  return path.split('/').at(-1) ?? path;
}

/** `ssh.service - OpenBSD Secure Shell server`, as systemd 252 names a unit in its messages. */
export function title(definition: UnitDefinition): string {
  const description = setting(definition.settings, 'Unit.Description');
  return description === undefined ? definition.name : `${definition.name} - ${description}`;
}
