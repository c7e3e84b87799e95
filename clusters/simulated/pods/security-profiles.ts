import { posix } from 'node:path';
import type { Pod } from '../kubernetes/model/generated/objects.ts';

/** Where a node keeps the profiles that `localhostProfile` names (pkg/kubelet/config, `--root-dir`/seccomp). */
const SECCOMP_FOLDER = '/var/lib/kubelet/seccomp';

/** The module's own list of loaded profiles has no files in a lab; who loads one leaves a copy of it here (daemons of the node). */
const LOADED_PROFILES = '/var/lib/breachlab/apparmor';

/**
 * Why the container runtime refuses to make containers of that pod: profiles that its node does not have, by container, in the words
 * of containerd (internal/cri/server/container_create_linux.go, contrib/seccomp/seccomp_default.go).
 */
export async function refusalsOf(
  { spec }: Pod,
  isFile: (path: string) => Promise<boolean>,
): Promise<ReadonlyMap<string, string>> {
  const refusals = new Map<string, string>();
  for (const { name, securityContext } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const seccomp = securityContext?.seccompProfile ?? spec.securityContext?.seccompProfile;
    if (seccomp?.type === 'Localhost') {
      const path = posix.join(SECCOMP_FOLDER, posix.resolve('/', seccomp.localhostProfile ?? ''));
      if (!(await isFile(path))) {
        const why = `cannot load seccomp profile "${path}": open ${path}: no such file or directory`;
        refusals.set(name, `failed to create containerd container: ${why}`);
      }
    }
    const appArmor = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const profile = appArmor?.localhostProfile ?? '';
    if (appArmor?.type === 'Localhost' && !(await isFile(`${LOADED_PROFILES}/${profile.replaceAll('/', '.')}`)))
      refusals.set(
        name,
        `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${profile}`,
      );
  }
  return refusals;
}
