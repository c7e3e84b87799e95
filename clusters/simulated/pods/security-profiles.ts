import { posix } from 'node:path';
import type { Architecture } from '../hosts/kernel-numbers.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { loadedProfileFile, profileFromFile, USUAL_PROFILE } from '../tools/apparmor/loaded-profiles.ts';
import type { Profile } from '../tools/apparmor/profile.ts';
import { denyWritesFilter } from './deny-writes.ts';
import { refusedSocketsFilter } from './refused-sockets.ts';
import { type Confinement, type ContainerLaunch, type PodSandboxes, StartFailure } from './sandbox.ts';
import {
  letsProgramsRun,
  loggedCalls,
  profileFilter,
  readSeccompProfile,
  type SeccompProfile,
} from './seccomp-profile.ts';

/** Where a node keeps the profiles that `localhostProfile` names (pkg/kubelet/config, `--root-dir`/seccomp). */
const SECCOMP_FOLDER = '/var/lib/kubelet/seccomp';

/** A profile of all calls by name comes to some ten thousand. */
const MAX_PROFILE_BYTES = 256 * 1024;

/** What runc comes to under a profile that refuses even its last steps. */
const NOTHING_RUNS =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: operation not permitted';

const ARCHITECTURE = process.arch as Architecture;

/** What of a profile the lab does not know, in words. */
function notSimulated(profile: SeccompProfile): string | undefined {
  try {
    profileFilter(profile, ARCHITECTURE);
    loggedCalls(profile, ARCHITECTURE);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type ReadFile = (path: string, maxBytes: number) => Promise<Buffer | undefined>;

/**
 * Why the container runtime refuses to make containers of that pod: profiles that its node does not have, by container, in the words
 * of containerd (internal/cri/server/container_create_linux.go, contrib/seccomp/seccomp_default.go).
 */
export async function refusalsOf(pod: Pod, read: ReadFile): Promise<ReadonlyMap<string, string>> {
  const refusals = new Map<string, string>();
  for (const container of [...(pod.spec.initContainers ?? []), ...(pod.spec.containers ?? [])]) {
    const path = seccompPath(pod, container);
    if (path !== undefined) {
      const text = await read(path, MAX_PROFILE_BYTES);
      const refuse = (why: string) => refusals.set(container.name, `failed to create containerd container: ${why}`);
      if (text === undefined) refuse(`cannot load seccomp profile "${path}": open ${path}: no such file or directory`);
      else {
        const profile = readSeccompProfile(String(text));
        if (profile.outcome === 'wrong') refuse(`decoding seccomp profile failed "${path}": ${profile.why}`);
        else {
          const why = letsProgramsRun(profile.profile) ? notSimulated(profile.profile) : NOTHING_RUNS;
          if (why !== undefined) refusals.set(container.name, why);
        }
      }
    }
    const name = appArmorName(pod, container);
    if (isOwn(name) && (await read(loadedProfileFile(name), MAX_PROFILE_BYTES)) === undefined)
      refusals.set(
        container.name,
        `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${name}`,
      );
  }
  return refusals;
}

/**
 * What holds a container to its node's profiles: filters for its seccomp profile, and for what its AppArmor profile says of sockets; what of
 * its capabilities the latter leaves; and what its observer decides and records. Rejects with `StartFailure` where the node refuses the
 * container, as it may since the pod began.
 */
export async function confinementOf(
  pod: Pod,
  container: Container,
  sandboxes: PodSandboxes,
  sandbox?: Confinement['sandbox'],
): Promise<Pick<ContainerLaunch, 'filters' | 'confinement'> & { readonly allowed?: readonly string[] }> {
  const path = seccompPath(pod, container);
  const name = appArmorName(pod, container);
  if (path === undefined && name === USUAL_PROFILE && sandbox === undefined) return {};
  const node = pod.spec.nodeName ?? '';
  const read: ReadFile = (file, maxBytes) => sandboxes.nodeFile(node, file, maxBytes);
  const refusal = (await refusalsOf(pod, read)).get(container.name);
  if (refusal !== undefined) throw new StartFailure(refusal);
  const filters: Buffer[] = [];
  const text = path === undefined ? undefined : await read(path, MAX_PROFILE_BYTES);
  const seccomp = text === undefined ? undefined : readSeccompProfile(String(text));
  if (seccomp?.outcome === 'read') filters.push(profileFilter(seccomp.profile, ARCHITECTURE));
  const logged = seccomp?.outcome === 'read' ? loggedCalls(seccomp.profile, ARCHITECTURE) : undefined;
  const loaded = isOwn(name) ? await read(loadedProfileFile(name), MAX_PROFILE_BYTES) : undefined;
  const appArmor = loaded === undefined ? undefined : profileFromFile(String(loaded));
  const mode = appArmor?.mode ?? 'enforce';
  const confinement: Confinement = {
    profile: name,
    mode,
    ...(appArmor === undefined || mode === 'unconfined' ? {} : { files: appArmor.files }),
    ...(sandbox === undefined ? {} : { sandbox }),
    ...(logged === undefined ? {} : { logged }),
  };
  if (appArmor === undefined || mode === 'unconfined') return { filters, confinement };
  // What is denied in so many words a profile refuses even where it otherwise only complains.
  if (appArmor.deniesWriting) filters.push(denyWritesFilter(ARCHITECTURE));
  if (mode === 'complain') return { filters, confinement };
  if (appArmor.sockets.length > 0) filters.push(refusedSocketsFilter(ARCHITECTURE, appArmor.sockets));
  return { filters, confinement, allowed: appArmor.capabilities };
}

export const namesOwnProfile = (pod: Pod, container: Container): boolean => isOwn(appArmorName(pod, container));

/** The profile that a container's node has loaded under the name it gives, and that does not only complain. */
export async function holdingProfileOf(
  pod: Pod,
  container: Container,
  sandboxes: PodSandboxes,
): Promise<Profile | undefined> {
  const path = loadedProfileFile(appArmorName(pod, container));
  const loaded = await sandboxes.nodeFile(pod.spec.nodeName ?? '', path, MAX_PROFILE_BYTES);
  const profile = loaded === undefined ? undefined : profileFromFile(String(loaded));
  return profile?.mode === 'enforce' || profile?.mode === 'kill' ? profile : undefined;
}

function seccompPath({ spec }: Pod, { securityContext }: Container): string | undefined {
  const seccomp = securityContext?.seccompProfile ?? spec.securityContext?.seccompProfile;
  if (seccomp?.type !== 'Localhost' || securityContext?.privileged === true) return undefined;
  return posix.join(SECCOMP_FOLDER, posix.resolve('/', seccomp.localhostProfile ?? ''));
}

/** The AppArmor profile of a container, empty for none (pkg/kubelet/kuberuntime/security_context.go, containerd's `generateApparmorSpecOpts`). */
function appArmorName({ spec }: Pod, { securityContext }: Container): string {
  const appArmor = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
  if (appArmor?.type === 'Localhost') return appArmor.localhostProfile ?? '';
  return appArmor?.type === 'Unconfined' || securityContext?.privileged === true ? '' : USUAL_PROFILE;
}

const isOwn = (name: string): boolean => name !== '' && name !== USUAL_PROFILE;
