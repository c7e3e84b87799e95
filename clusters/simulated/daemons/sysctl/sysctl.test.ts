import { expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { KernelSettings } from './kernel-settings.ts';
import { sysctl } from './sysctl.ts';

async function node(files: Readonly<Record<string, string>> = {}) {
  const resources = new AsyncDisposableStack();
  const host = resources.use(await FolderHost.create('node01', files));
  await host.installCommand('sysctl', sysctl(host, await KernelSettings.boot(host)));
  const call = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await host.call('sysctl', args);
    return `${stdout}${stderr}${code === 0 ? '' : `[status ${code}]`}`;
  };
  return { host, call, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a node boots with the settings of its files, later names and sysctl.conf winning', async () => {
  await using machine = await node({
    '/etc/sysctl.d/10-a.conf': '# a comment\nkernel.panic = 5\nvm/overcommit_memory=1\n',
    '/etc/sysctl.d/90-b.conf': 'kernel.panic=10\n',
    '/etc/sysctl.conf': 'kernel.panic_on_oops=1\n',
  });
  expect(await machine.call('-n', 'kernel.panic', 'vm.overcommit_memory', 'kernel/panic_on_oops')).toBe('10\n1\n1\n');
});

test('what is written counts until something else is, files once they are loaded', async () => {
  await using machine = await node();
  expect(await machine.call('-w', 'kernel.panic=7')).toBe('kernel.panic = 7\n');
  await machine.host.write('/etc/sysctl.d/90-kubelet.conf', 'kernel.panic = 10\nvm.overcommit_memory = 1\n');
  expect(await machine.call('kernel.panic')).toBe('kernel.panic = 7\n');
  expect(await machine.call('-p', '/etc/sysctl.d/90-kubelet.conf')).toBe(
    'kernel.panic = 10\nvm.overcommit_memory = 1\n',
  );
  expect(await machine.call('--system')).toContain('* Applying /etc/sysctl.d/90-kubelet.conf ...\nkernel.panic = 10\n');
});

test('what kubeadm asks an administrator to set is kept', async () => {
  await using machine = await node();
  await machine.host.write(
    '/etc/sysctl.d/k8s.conf',
    'net.bridge.bridge-nf-call-iptables = 1\nnet.netfilter.nf_conntrack_max=131072\n',
  );
  expect(await machine.call('--system')).toContain(
    '* Applying /etc/sysctl.d/k8s.conf ...\nnet.bridge.bridge-nf-call-iptables = 1\nnet.netfilter.nf_conntrack_max = 131072\n',
  );
  expect(await machine.call('-n', 'net.netfilter.nf_conntrack_max')).toBe('131072\n');
});

test('any other setting is the machine’s: read, and not to be changed', async () => {
  await using machine = await node();
  expect(await machine.call('-n', 'kernel.ostype')).toBe('Linux\n');
  expect(await machine.call('-w', 'kernel.ostype=Hurd')).toMatch(
    /^not simulated: another kernel.ostype than Linux; .*\[status 255\]$/s,
  );
  expect(await machine.call('-w', 'kernel.ostype=Linux')).toBe('kernel.ostype = Linux\n');
  expect(await machine.call('-w', 'kernel.nope=1')).toMatch(/No such file or directory\n\[status \d+\]$/);
  expect(await machine.call('--nope')).toContain("sysctl: unrecognized option '--nope'");
});
