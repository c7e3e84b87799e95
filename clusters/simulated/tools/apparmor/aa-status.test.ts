import { describe, expect, test } from 'vitest';
import { nodesOfTest } from './test-node.ts';

const node = nodesOfTest();

describe('aa-status', () => {
  test('lists what is loaded by its mode', async () => {
    const host = await node({ '/p': 'profile one {\n}\nprofile two flags=(complain) {\n}\n' });
    expect((await host.call('aa-status', ['--enabled'])).code).toBe(0);
    expect((await host.call('aa-enabled', [])).stdout).toBe('Yes\n');
    expect((await host.call('aa-enabled', ['--quiet'])).stdout).toBe('');
    await host.call('apparmor_parser', ['/p']);
    const { code, stdout } = await host.call('aa-status', []);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'apparmor module is loaded.\n3 profiles are loaded.\n2 profiles are in enforce mode.\n   cri-containerd.apparmor.d\n   one\n1 profiles are in complain mode.\n   two\n',
    );
    expect(JSON.parse((await host.call('aa-status', ['--json'])).stdout)).toEqual({
      version: '2',
      profiles: { 'cri-containerd.apparmor.d': 'enforce', one: 'enforce', two: 'complain' },
      processes: {},
    });
    expect((await host.call('aa-status', ['--complaining'])).stdout).toBe('1\n');
    const kernel = await host.readFile('/sys/kernel/security/apparmor/profiles', { maxBytes: 1000 });
    expect(kernel.outcome === 'read' && String(kernel.content)).toBe(
      'cri-containerd.apparmor.d (enforce)\none (enforce)\ntwo (complain)\n',
    );
  });

  test('takes nothing for a profile that is none', async () => {
    const host = await node({ '/var/lib/breachlab/apparmor/junk': '\u0000{' });
    expect((await host.call('aa-status', ['--profiled'])).stdout).toBe('1\n');
  });
});
