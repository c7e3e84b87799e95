import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText } from '../host-text.ts';

/**
 * What a node's kernel begins with, of the settings that a kubelet looks at, and of those that installers of Kubernetes make and that change
 * nothing in a lab: it has neither IPv6 nor pods on bridges, and nobody reaches the limit of connections. The values are those of Debian 12.
 */
const AT_BOOT: Readonly<Record<string, string>> = {
  'kernel.keys.root_maxbytes': '25000000',
  'kernel.keys.root_maxkeys': '1000000',
  'kernel.panic': '0',
  'kernel.panic_on_oops': '0',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.ipv6.conf.all.forwarding': '0',
  'net.netfilter.nf_conntrack_max': '262144',
  'vm.overcommit_memory': '0',
  'vm.panic_on_oom': '0',
};

/** What the kubelet sets them to, or with `protectKernelDefaults` wants to find (pkg/kubelet/cm/container_manager_linux.go). */
const WANTED: Readonly<Record<string, string>> = {
  'vm.overcommit_memory': '1',
  'vm.panic_on_oom': '0',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'kernel.keys.root_maxkeys': '1000000',
  'kernel.keys.root_maxbytes': '25000000',
};

/** Folders of sysctl.d(5), weakest last; a file hides those of its name in weaker ones. */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d'];

/**
 * Settings of a node's kernel that decide about its kubelet. A lab's machines share one kernel, whose own settings nobody there may
 * change, so that these are the lab's record of what the node's would be.
 */
export class KernelSettings {
  readonly #values = new Map(Object.entries(AT_BOOT));

  /** As when the node boots: with what its files say. */
  static async boot(host: SimulatedHost): Promise<KernelSettings> {
    const settings = new KernelSettings();
    for (const file of await settingsFiles(host))
      for (const [key, value] of await readSettings(host, file)) settings.set(key, value);
    return settings;
  }

  /** By its name with dots; undefined for one that is not kept here. */
  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  /** False for one that is not kept here. */
  set(key: string, value: string): boolean {
    if (!this.#values.has(key)) return false;
    this.#values.set(key, value);
    return true;
  }

  get entries(): readonly (readonly [string, string])[] {
    return [...this.#values];
  }

  /** What a kubelet does about them as it starts. With `protect` it changes nothing, and gives what it complains of. */
  tune(protect: boolean): readonly string[] {
    const wrong = Object.entries(WANTED).filter(([key, value]) => this.get(key) !== value);
    if (!protect) for (const [key, value] of wrong) this.set(key, value);
    return protect
      ? wrong.map(
          ([key, value]) =>
            `invalid kernel flag: ${key.replaceAll('.', '/')}, expected value: ${value}, actual value: ${this.get(key) ?? ''}`,
        )
      : [];
  }
}

/** The files of sysctl.d(5) in the order in which they count, and sysctl.conf last. */
export async function settingsFiles(host: SimulatedHost): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const folder of FOLDERS.toReversed())
    for (const name of (await host.listFolder(folder)) ?? [])
      if (name.endsWith('.conf')) found.set(name, `${folder}/${name}`);
  return [...[...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path), '/etc/sysctl.conf'];
}

/** The settings of a file: `key = value`, comments with # or ;, slashes for dots. */
export async function readSettings(host: SimulatedHost, file: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readHostText(host, file).catch(() => undefined);
  return (text ?? '').split('\n').flatMap((line) => {
    const [, key = '', value = ''] = /^\s*-?([^#;=\s][^=\s]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return key === '' ? [] : [[key.replaceAll('/', '.'), value] as const];
  });
}
