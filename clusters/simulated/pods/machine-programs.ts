import { existsSync, realpathSync } from 'node:fs';
import type { LaunchMount } from './sandbox.ts';

/** Where programs of this machine find their loader and libraries (Debian's ABI names). */
const LOADERS: Partial<Readonly<Record<NodeJS.Architecture, { readonly loader: string; readonly libraries: string }>>> =
  {
    x64: { loader: '/lib64/ld-linux-x86-64.so.2', libraries: '/usr/lib/x86_64-linux-gnu' },
    arm64: { loader: '/lib/ld-linux-aarch64.so.1', libraries: '/usr/lib/aarch64-linux-gnu' },
  };

/**
 * Mounts that show a container programs of this machine, with what they are linked to, read-only: `programs` by their paths in the
 * container. One that this machine does not have is not there.
 */
export function machineMounts(programs: ReadonlyMap<string, string>): readonly LaunchMount[] {
  const { loader, libraries } = LOADERS[process.arch] ?? {};
  const found = [...programs].filter(([, source]) => existsSync(source));
  if (found.length === 0 || loader === undefined || libraries === undefined) return [];
  if (!existsSync(loader) || !existsSync(libraries)) return [];
  const all = [[loader, loader] as const, [libraries, libraries] as const, ...found];
  return all.map(([target, source]) => ({
    node: MACHINE,
    source: realpathSync(source),
    subPath: '',
    target,
    readOnly: true,
  }));
}

/** As the `node` of a mount: this machine itself. */
export const MACHINE = '/';
