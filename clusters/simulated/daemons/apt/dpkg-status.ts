import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';
import type { AptPackage } from './repositories.ts';

/** dpkg's own record (deb(5), /var/lib/dpkg/status), which the real dpkg and dpkg-query of a host read too. */
export const STATUS = '/var/lib/dpkg/status';

/** A stanza: its fields in order, as they are written. */
export type Stanza = ReadonlyMap<string, string>;

/** Reads stanzas of `Field: value` with continued lines. */
export function readStanzas(text: string): readonly Stanza[] {
  return text
    .split(/\n{2,}/)
    .map((block) => {
      const fields = new Map<string, string>();
      let last = '';
      for (const line of block.split('\n')) {
        if (/^\s/.test(line)) fields.set(last, `${fields.get(last) ?? ''}\n${line}`);
        else if (line.includes(':')) {
          last = line.slice(0, line.indexOf(':'));
          fields.set(last, line.slice(line.indexOf(':') + 1).trim());
        }
      }
      return fields;
    })
    .filter(({ size }) => size > 0);
}

export const stanzasText = (stanzas: readonly Stanza[]): string =>
  stanzas.map((fields) => `${[...fields].map(([field, value]) => `${field}: ${value}`).join('\n')}\n`).join('\n');

/** A package as dpkg records it that has been installed. */
export const installedStanza = ({ name, section, depends, description, bytes }: AptPackage, version: string): Stanza =>
  new Map([
    ['Package', name],
    ['Status', 'install ok installed'],
    ['Priority', 'optional'],
    ['Section', section],
    ['Installed-Size', String(Math.round((bytes * 4) / 1024))],
    ['Maintainer', 'The lab <root@localhost>'],
    ['Architecture', 'amd64'],
    ['Version', version],
    ...(depends === undefined ? [] : ([['Depends', depends]] as const)),
    ['Description', description],
  ]);

/** The packages of a host by name, those too of which only configuration is left. */
export class DpkgStatus {
  readonly #host: SimulatedHost;
  readonly #stanzas: Map<string, Stanza>;

  private constructor(host: SimulatedHost, stanzas: readonly Stanza[]) {
    this.#host = host;
    this.#stanzas = new Map(stanzas.map((fields) => [fields.get('Package') ?? '', fields]));
  }

  /** Throws `UnreadableFile`. */
  static async read(host: SimulatedHost): Promise<DpkgStatus> {
    return new DpkgStatus(host, readStanzas((await readHostText(host, STATUS)) ?? ''));
  }

  get names(): readonly string[] {
    return [...this.#stanzas.keys()].toSorted();
  }

  /** The version that is installed. */
  version(name: string): string | undefined {
    return this.#state(name)[2] === 'installed' ? this.#stanzas.get(name)?.get('Version') : undefined;
  }

  isHeld(name: string): boolean {
    return this.#state(name)[0] === 'hold';
  }

  hold(name: string, isHeld: boolean): void {
    const [, flag = 'ok', status = 'not-installed'] = this.#state(name);
    this.#set(name, 'Status', `${isHeld ? 'hold' : 'install'} ${flag} ${status}`);
  }

  install(one: AptPackage, version: string): void {
    const isHeld = this.isHeld(one.name);
    this.#stanzas.set(one.name, installedStanza(one, version));
    if (isHeld) this.hold(one.name, true);
  }

  /** Without `purge` the configuration stays, and dpkg remembers that. */
  remove(name: string, purge: boolean): void {
    if (purge) this.#stanzas.delete(name);
    else this.#set(name, 'Status', 'deinstall ok config-files');
  }

  /** Whether only its configuration is left. */
  isLeftOver(name: string): boolean {
    return this.#state(name)[2] === 'config-files';
  }

  async write(): Promise<void> {
    const text = stanzasText(this.names.flatMap((name) => this.#stanzas.get(name) ?? []));
    await this.#host.writeFile(STATUS, Buffer.from(text), { mode: 0o644 });
  }

  #state(name: string): readonly string[] {
    return (this.#stanzas.get(name)?.get('Status') ?? '').split(' ');
  }

  #set(name: string, field: string, value: string): void {
    const stanza = this.#stanzas.get(name);
    if (stanza !== undefined) this.#stanzas.set(name, new Map([...stanza, [field, value]]));
  }
}

/** The release of an installed package as Kubernetes tells it, `v1.36.2`; undefined where dpkg knows nothing of it. */
export async function installedRelease(host: SimulatedHost, name: string): Promise<string | undefined> {
  const status = await DpkgStatus.read(host).catch(() => undefined);
  const version = status?.version(name);
  return version === undefined ? undefined : `v${version.replace(/-.*$/, '')}`;
}
