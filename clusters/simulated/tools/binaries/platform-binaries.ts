import { createHash } from 'node:crypto';
import type { HostName } from '../../../../protocol/host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { RELEASE } from '../../kubernetes/bootstrap/release.ts';

/** Where somebody put the release's programs, to be verified before they are used. */
export const BINARIES = '/opt/binaries';
/** What the release published about them, in the format of sha512sum(1). */
export const SUMS = `/opt/releases/${RELEASE.kubernetes}/SHA512SUMS`;

/** A release's server programs (dl.k8s.io, `kubernetes-server-linux-amd64`). */
const PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubectl',
  'kubelet',
] as const;
type Program = (typeof PROGRAMS)[number];

/** Which programs are not as they were released, on which machine. A scenario's own files at the same paths win over this. */
const TAMPERED: readonly { readonly host: HostName; readonly program: Program }[] = [
  { host: 'node01', program: 'kube-proxy' },
];

/** Machines that have the programs; the sums are on the workstation too. */
const HOSTS: readonly HostName[] = ['controlplane', 'node01'];

/**
 * The platform's programs as files to be hashed, and their published sums. The files are the lab's own, some hundred bytes each and the
 * same for all labs of a release, so the sums are not those that Kubernetes publishes.
 */
export function platformBinaries(host: HostName): readonly TemplateEntry[] {
  const file = (path: string, mode: number, data: string): TemplateEntry => ({ kind: 'file', path, mode, data });
  if (!HOSTS.includes(host) && host !== 'workstation') return [];
  const sums = PROGRAMS.map((program) => `${sha512(contentOf(program))}  ${program}\n`).join('');
  const programs = HOSTS.includes(host)
    ? PROGRAMS.map((program) => {
        const tampered = TAMPERED.some((one) => one.host === host && one.program === program);
        return file(`${BINARIES}/${program}`, 0o755, tampered ? tamper(contentOf(program)) : contentOf(program));
      })
    : [];
  return [file(SUMS, 0o644, sums), ...programs];
}

const sha512 = (text: string): string => createHash('sha512').update(text).digest('hex');

/** What runs says its version, as the real programs do, and refuses the rest; what follows makes each file one of a kind. */
function contentOf(program: Program): string {
  const said =
    program === 'kubectl' || program === 'kubeadm'
      ? `${program} ${RELEASE.kubernetes}`
      : `Kubernetes ${RELEASE.kubernetes}`;
  const build = createHash('sha256').update(`${program} ${RELEASE.kubernetes}`).digest('hex');
  return `#!/bin/sh
[ "$1" = --version ] || [ "$1" = version ] && { echo '${said}'; exit 0; }
echo 'not simulated: ${program} run from ${BINARIES}; this file stands for a program whose digest is to be checked' >&2
exit 1
# build ${build}
`;
}

/** As long as before, and as harmless: only the digest tells. */
const tamper = (content: string): string =>
  content.replace(/(# build )(.*)(.)\n$/, (_, head: string, body: string, last: string) => `${head}${last}${body}\n`);
