import type { SystemctlRequest } from './systemctl-jobs.ts';

/** Where administrators lay something over the units of packages. */
const OWN_FOLDERS = ['/etc/systemd/system', '/run/systemd/system'];

/**
 * `systemctl revert`: drop-ins of the administrator's go, and a unit file, or a mask, that hides a package's (systemd's src/shared/install.c,
 * unit_file_revert).
 */
export async function revert({ manager, call, units }: SystemctlRequest): Promise<number> {
  const { host } = manager;
  const files = await host.listTree(OWN_FOLDERS);
  for (const unit of units) {
    if ((await manager.disk()).units.get(unit) === undefined) {
      await call.stderr(`Failed to revert unit: Unit file ${unit} does not exist.\n`);
      return 1;
    }
    const isHiding = manager.knows(unit);
    for (const folder of OWN_FOLDERS) {
      const dropIns = [...files.keys()].filter((path) => path.startsWith(`${folder}/${unit}.d/`));
      const own = isHiding && files.has(`${folder}/${unit}`) ? [`${folder}/${unit}`] : [];
      for (const path of [...dropIns, ...own]) await host.removeFile(path);
      const left = dropIns.length === 0 ? [] : [`${folder}/${unit}.d`];
      if (left.length > 0) await host.exec(['rmdir', '--', ...left], { signal: AbortSignal.timeout(10_000) });
      await call.stderr([...dropIns, ...left, ...own].map((path) => `Removed "${path}".\n`).join(''));
    }
  }
  await manager.daemonReload();
  return 0;
}
