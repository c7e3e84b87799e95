import { lastOption } from '../command-line.ts';
import type { KubeadmCall } from './kubeadm-call.ts';
import { releaseNumber } from './release-number.ts';

/** `kubeadm version`, without what a build knows of itself (cmd/kubeadm/app/cmd/version.go). */
export async function version({ call, release, options }: KubeadmCall): Promise<number> {
  const { major = '', minor = '' } = releaseNumber(release) ?? {};
  const facts = { major: String(major), minor: String(minor), gitVersion: release, platform: 'linux/amd64' };
  const output = lastOption(options, 'output');
  if (output === 'short') await call.stdout(`${release}\n`);
  else if (output === 'json') await call.stdout(`${JSON.stringify({ clientVersion: facts }, undefined, 2)}\n`);
  else
    await call.stdout(
      `kubeadm version: &version.Info{Major:"${major}", Minor:"${minor}", GitVersion:"${release}", Platform:"linux/amd64"}\n`,
    );
  return 0;
}
