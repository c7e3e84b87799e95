import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findLabs } from '../../clusters/kind/docker/removal.ts';
import { dockerIsMissing, whyNoDocker } from '../../clusters/kind/docker-test-engine.ts';
import { imageFlags, type StandInBackend, standInBackend } from '../stand-in-kind/stand-in-backend.ts';
import { CommandLine, type RunningCommand } from './command-line.ts';

/** Small enough to be proven on nodes without systemd: what is asked is a file, what must stay is the cluster. */
const SCENARIO: Readonly<Record<string, string>> = {
  'scenario.yaml': `
id: harbour
title: The harbour's notice
summary: Somebody has written on the notice board.
minutes: 1
hosts: [workstation, node01]
tasks:
  - id: notice
    c: code
    title: Wipe the notice
    points: 100
    competencies: [system.host-footprint]
    checks:
      - id: wiped
        title: The notice on node01 is empty
        probe: { kind: file, host: node01, path: /srv/notice }
        expect: fact.exists && fact.text == ""
        mismatch: 'It says {{ fact.text }}.'
    guards:
      - id: ssh
        title: The workstation reaches node01
        probe: { kind: tcp, from: workstation, to: node01, port: 22 }
        expect: fact.state == "open"
        mismatch: 'Port 22 is {{ fact.state }}.'
      - id: etcd
        title: The tide is in etcd
        probe: { kind: etcd, key: /registry/configmaps/default/tide }
        expect: fact.present && fact.text.contains("high")
        mismatch: 'It is not.'
wrong:
  more-words: [notice/wiped]
`,
  'tasks/notice.md': 'Wipe it.\n',
  'seed/manifests/tide.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: { name: tide }
data: { level: high }
`,
  'seed/hosts/node01/srv/notice': 'Beware of the gulls\n',
  'solution/hosts/node01/srv/notice': '',
  'wrong/more-words/hosts/node01/srv/notice': 'Beware of the cranes\n',
};

describe.skipIf(dockerIsMissing)(`the command line with --backend kind${whyNoDocker}`, { timeout: 400_000 }, () => {
  let subject: StandInBackend;
  beforeAll(async () => {
    subject = await standInBackend('nobody');
  });
  afterAll(() => subject[Symbol.asyncDispose]());

  let line: CommandLine;
  beforeEach(async () => {
    line = await CommandLine.open();
    for (const [path, text] of Object.entries(SCENARIO)) {
      const file = line.path('scenarios', 'harbour', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  });
  afterEach(() => line[Symbol.asyncDispose]());

  const start = (...args: readonly string[]): RunningCommand => {
    const images = imageFlags(subject.docker.image).flatMap((flag) => ['--image', flag]);
    const flags = ['--backend', 'kind', '--scenarios', line.path('scenarios'), ...images];
    const at = args.includes('--') ? args.indexOf('--') : args.length;
    return line.start([...args.slice(0, at), ...flags, ...args.slice(at)], {
      env: { BREACHLAB_KIND: subject.standIn.path, DOCKER_HOST: `unix://${subject.docker.socketPath}` },
    });
  };
  /** Of any server: other test files share this Docker, but their servers have ids of another shape. */
  const labsInDocker = async (): Promise<readonly string[]> => {
    const { docker } = subject.docker.engine;
    const networks = await docker.listNetworks({ filters: { label: ['io.breachlab.server'] } });
    const servers = networks.map(({ Labels }) => Labels?.['io.breachlab.server'] ?? '');
    const ours = [...new Set(servers)].filter((server) => /^[0-9a-f]{16}(-\d+)?$/.test(server));
    return (await Promise.all(ours.map((server) => findLabs(subject.docker.engine, server))))
      .flat()
      .map(({ lab }) => lab);
  };

  test('proves a scenario in both directions, and leaves nothing', async () => {
    const { exitCode, stdout } = await start('verify', 'harbour', '--jobs', '1').ended;
    expect(stdout.replaceAll(/ \(.*\)/g, '')).toBe(
      ['untouched', 'reset', 'solution', 'wrong/more-words'].map((step) => `✓ harbour ${step}\n`).join(''),
    );
    expect(exitCode).toBe(0);
    expect(await labsInDocker()).toEqual([]);
  });

  test('runs a command against a cluster of its own; Ctrl-C in between leaves nothing', async () => {
    const run = start(
      'lab',
      'run',
      '--scenario',
      'harbour',
      '--',
      'kubectl',
      'get',
      'configmap',
      'tide',
      '--output=name',
    );
    expect(await run.ended).toMatchObject({ exitCode: 0, stdout: 'configmap/tide\n' });
    const given = start('lab', 'run', '--scenario', 'harbour', '--', 'sleep', '300');
    await expect.poll(labsInDocker, { timeout: 120_000 }).toHaveLength(1);
    given.kill('SIGINT');
    expect((await given.ended).exitCode).toBe(130);
    expect(await labsInDocker()).toEqual([]);
  });

  test('a lab outlives its server that is killed: the next one takes it over, and removes what nobody has taken', async () => {
    const up = async (): Promise<{ server: RunningCommand; lab: string }> => {
      const server = start('up', '--scenario', 'harbour', '--port', '0', '--warm', '1');
      const [, lab = ''] = await server.says(/Open {2}\S+\/labs\/(\w+)\?/);
      await server.says(/^· the lab is ready$/m);
      return { server, lab };
    };
    const first = await up();
    await expect.poll(labsInDocker, { timeout: 120_000 }).toHaveLength(2); // the lab, and one made ahead
    first.server.kill('SIGKILL');
    await first.server.ended;
    const next = await up();
    expect(next.lab).toBe(first.lab);
    await expect.poll(labsInDocker, { timeout: 120_000 }).toEqual([first.lab]);
    const check = await line.run(['lab', 'check', first.lab]);
    expect(check.stdout).toContain('It says Beware of the gulls');
    next.server.kill('SIGINT');
    expect((await next.server.ended).exitCode).toBe(0);
    expect(await labsInDocker()).toEqual([]);
  });
});
