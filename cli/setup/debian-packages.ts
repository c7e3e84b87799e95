import { existsSync } from 'node:fs';
import { LabError } from '../../clusters/cluster.ts';
import { findProgram, runProgram } from './program.ts';
import type { SetupStep } from './step.ts';

/** A Debian package and a program, or a file by its absolute path, by which one sees that it is there. */
export interface DebianPackage {
  readonly name: string;
  readonly program: string;
}

/** What a simulated lab's hosts are made of (facts measured on Debian 12). */
export const HOST_PACKAGES: readonly DebianPackage[] = [
  { name: 'iproute2', program: 'ip' },
  { name: 'iptables', program: 'iptables' },
  { name: 'nftables', program: 'nft' },
  { name: 'ufw', program: 'ufw' },
  { name: 'vim', program: 'vim' },
  { name: 'nano', program: 'nano' },
  { name: 'jq', program: 'jq' },
  { name: 'openssl', program: 'openssl' },
  { name: 'curl', program: 'curl' },
  { name: 'openssh-client', program: 'ssh' },
  { name: 'openssh-sftp-server', program: '/usr/lib/openssh/sftp-server' },
  { name: 'bash-completion', program: '/usr/share/bash-completion/bash_completion' },
  { name: 'nmap', program: 'nmap' },
  { name: 'netcat-openbsd', program: 'nc' },
  { name: 'iputils-ping', program: 'ping' },
  { name: 'etcd-client', program: 'etcdctl' },
  { name: 'util-linux', program: 'unshare' },
  { name: 'busybox-static', program: 'busybox' },
];

/** What the browser tests drive. */
export const TEST_PACKAGES: readonly DebianPackage[] = [{ name: 'chromium', program: 'chromium' }];

const present = ({ program }: DebianPackage, path: string): boolean =>
  program.startsWith('/') ? existsSync(program) : findProgram(program, path) !== undefined;

/** Installs packages with apt when this user may; otherwise says the command. */
export function debianPackages(
  packages: readonly DebianPackage[],
  { path, isRoot, env }: { path: string; isRoot: boolean; env: NodeJS.ProcessEnv },
): SetupStep {
  const missing = (): string[] => packages.filter((item) => !present(item, path)).map(({ name }) => name);
  return {
    title: 'installing Debian packages',
    isDone: async () => missing().length === 0,
    async run(detail, signal) {
      const names = missing();
      const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
      const apt = findProgram('apt-get', path);
      if (apt === undefined) {
        throw new LabError(
          `These programs are missing: ${names.join(', ')}`,
          'Install the packages of those names with your distribution’s package manager, then run this again.',
        );
      }
      if (!isRoot) {
        throw new LabError(`These Debian packages are missing: ${names.join(', ')}`, `Run: sudo ${command}`);
      }
      const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, line: detail };
      const install = (): ReturnType<typeof runProgram> => runProgram(apt, command.split(' ').slice(1), options);
      let end = await install();
      if (end.exitCode !== 0) {
        detail('updating the package lists');
        await runProgram(apt, ['update'], options);
        end = await install();
      }
      if (end.exitCode !== 0 || missing().length > 0) {
        const said = end.output.trim().split('\n').slice(-3).join('\n');
        throw new LabError(
          `apt could not install ${missing().join(', ')}:\n${said}`,
          `Run: apt-get update && ${command}`,
        );
      }
    },
  };
}
