import { describe, expect, test } from 'vitest';
import type { Seed } from '../../cluster.ts';
import { checkTools, MISSING_LABEL, optionalTools } from './image-tools.ts';

const lacking = (...packages: readonly string[]) => ({ labels: { [MISSING_LABEL]: packages.join(' ') } });

const seedOf = (...paths: readonly string[]): Seed => ({
  hosts: ['controlplane', 'node01'],
  manifests: [],
  files: paths.map((path) => ({ host: 'node01', path, content: Buffer.alloc(0), mode: 0o644 })),
});

describe('an image that lacks programs', () => {
  test('will do for a scenario that lays down nothing for them', () => {
    expect(() =>
      checkTools('node-prepared', lacking('openssh-server', 'docker.io'), seedOf('/etc/motd')),
    ).not.toThrow();
  });

  test.each([
    ['/etc/ssh/sshd_config', 'openssh-server'],
    ['/etc/docker/daemon.json', 'docker.io'],
  ])('will not do where %s is laid down without %s', (path, tool) => {
    const image = lacking('vim', tool);
    expect(() => checkTools('node-prepared', image, seedOf(path))).toThrow(`the image node-prepared lacks ${tool}: `);
    expect(optionalTools('node-prepared', image, seedOf(path))).toEqual(['vim']);
  });

  test('will do where that is laid down on another machine', () => {
    expect(() => checkTools('bastion', lacking('openssh-server'), seedOf('/etc/ssh/sshd_config'))).not.toThrow();
  });

  test('lacks nothing when nobody said so', () => {
    expect(optionalTools('bastion', { labels: {} }, seedOf())).toEqual([]);
  });
});
