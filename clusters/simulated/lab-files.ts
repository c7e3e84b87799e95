import type { SeedFile } from '../cluster.ts';
import { CLUSTER_PLAN } from './kubernetes/bootstrap/cluster-plan.ts';
import { MANIFESTS, manifestText, staticPods } from './kubernetes/bootstrap/static-pods.ts';
import type { Pki, PkiFile } from './kubernetes/pki/pki.ts';

const [controlPlane] = CLUSTER_PLAN.nodes;

/** Texts of the static pod manifests: the same for every lab, so they are written out once a process. */
let manifests: readonly (readonly [string, string])[] | undefined;

const manifestTexts = (): readonly (readonly [string, string])[] =>
  (manifests ??= Object.entries(staticPods(controlPlane?.name ?? '', controlPlane?.address ?? '')).map(
    ([name, pod]) => [`${MANIFESTS}/${name}`, manifestText(pod)] as const,
  ));

/** The manifests of the control plane's static pods; `extraFlags` go to the API server's. */
export const manifestFiles = (extraFlags: readonly string[] = []): readonly SeedFile[] =>
  manifestTexts().map(([path, text]) => {
    const content = path.endsWith('/kube-apiserver.yaml') ? withFlags(text, extraFlags) : text;
    return { host: 'controlplane', path, content: Buffer.from(content), mode: 0o600 };
  });

/** What kubeadm and the lab's makers leave on the hosts before the scenario's own files are laid over. */
export function clusterFiles(pki: Pki, extraFlags: readonly string[] = []): readonly SeedFile[] {
  const files: SeedFile[] = [...manifestFiles(extraFlags)];
  const layKept = (host: SeedFile['host'], file: PkiFile, path = file.path): void => {
    files.push({
      host,
      path,
      mode: file.mode,
      // Many certificates are never looked at where there are no hosts.
      get content() {
        return Buffer.from(file.content);
      },
    });
  };
  for (const file of pki.files()) layKept('controlplane', file);
  for (const file of pki.kubeletFiles('node01')) layKept('node01', file);
  const admin = pki.file('/etc/kubernetes/admin.conf');
  if (admin !== undefined) {
    layKept('controlplane', admin, '/root/.kube/config');
    layKept('workstation', admin, '/root/.kube/config');
  }
  const authority = Buffer.from(pki.certificateAuthority);
  files.push({ host: 'node01', path: '/etc/kubernetes/pki/ca.crt', content: authority, mode: 0o644 });
  return files;
}

/** Later files replace earlier ones of the same host and path. */
export function layered(...layers: readonly (readonly SeedFile[])[]): readonly SeedFile[] {
  return [...new Map(layers.flat().map((file) => [`${file.host}:${file.path}`, file])).values()];
}

/** The manifest with these flags, as somebody would edit it: over the one of the same name, or after the last one. */
const withFlags = (manifest: string, flags: readonly string[]): string =>
  flags.reduce((text, flag) => {
    const lines = text.split('\n');
    const name = flag.replace(/=.*$/s, '');
    const same = lines.findIndex((line) => line.trimStart().replace(/=.*$/, '') === `- ${name}`);
    const at = same === -1 ? lines.findLastIndex((line) => /^ *- --/.test(line)) : same;
    const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? '';
    return lines
      .toSpliced(same === -1 ? at + 1 : at, same === -1 ? 0 : 1, `${indent}- ${JSON.stringify(flag)}`)
      .join('\n');
  }, manifest);
