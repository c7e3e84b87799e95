import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LabError } from '../../cluster.ts';
import { type CreateCluster, KindCli } from './kind-cli.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kind-cli-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function kind(script: string): Promise<KindCli> {
  const path = join(folder, 'kind');
  await writeFile(path, `#!/bin/sh\ncd ${folder}\n${script}\n`);
  await chmod(path, 0o755);
  return new KindCli({ program: { path, version: '0.33.0' }, env: { PATH: process.env['PATH'], KEPT: 'yes' } });
}

const request = (changes: Partial<CreateCluster> = {}): CreateCluster => ({
  cluster: 'breachlab-a',
  config: 'kind: Cluster\n',
  network: 'breachlab-net',
  kubeconfig: '/lab/kubeconfig',
  progress: () => undefined,
  signal: AbortSignal.timeout(20_000),
  ...changes,
});

const said = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

test('a cluster is made with its configuration, its network and its own kubeconfig, and tells its steps', async () => {
  const steps: string[] = [];
  const cli = await kind(
    `echo "$@" >args; cat >config; env | grep -E '^(KIND|KEPT)' | sort >env
     echo 'Creating cluster "breachlab-a" ...' >&2
     echo ' • Preparing nodes 📦 📦   ...' >&2; echo ' ✓ Preparing nodes 📦 📦 ' >&2`,
  );
  await cli.create(request({ progress: (step) => steps.push(step) }));
  expect(steps).toEqual(['preparing nodes']);
  expect(await said('args')).toBe(
    'create cluster --name breachlab-a --config - --kubeconfig /lab/kubeconfig --retain\n',
  );
  expect(await said('config')).toBe('kind: Cluster\n');
  expect(await said('env')).toBe(
    'KEPT=yes\nKIND_EXPERIMENTAL_DOCKER_NETWORK=breachlab-net\nKIND_EXPERIMENTAL_PROVIDER=docker\n',
  );
});

test('what kind says as it fails becomes a LabError', async () => {
  const cli = await kind(
    `echo 'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "breachlab-a"' >&2; exit 1`,
  );
  const failure = await cli.create(request()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LabError);
  expect((failure as LabError).message).toContain('name breachlab-a already');
});

test('an executable that is gone becomes a LabError', async () => {
  const cli = new KindCli({ program: { path: join(folder, 'gone'), version: '0.33.0' }, env: {} });
  await expect(cli.create(request())).rejects.toThrow(/kind could not be run:\n.*ENOENT/);
});

test('when it is given up, kind and its children have ended before the call does', async () => {
  const giveUp = new AbortController();
  const cli = await kind(
    `trap 'echo interrupted >ended; exit 130' INT; sleep 300 >/dev/null 2>&1 & echo $! >child; echo ' • Preparing nodes   ...' >&2; wait`,
  );
  const progress = (): void => giveUp.abort(new Error('changed my mind'));
  await expect(cli.create(request({ progress, signal: giveUp.signal }))).rejects.toThrow('changed my mind');
  expect(await said('ended')).toBe('interrupted\n');
  const child = Number(await said('child'));
  await expect.poll(() => existsSync(`/proc/${child}/exe`)).toBe(false);
});

test('a kubeconfig is what kind prints; deleting names the kubeconfig that is not the user’s', async () => {
  const cli = await kind(`echo "$@" >args; echo 'apiVersion: v1'`);
  await expect(cli.kubeconfig('breachlab-a', AbortSignal.timeout(10_000))).resolves.toBe('apiVersion: v1\n');
  await cli.delete('breachlab-a', '/lab/kubeconfig', AbortSignal.timeout(10_000));
  expect(await said('args')).toBe('delete cluster --name breachlab-a --kubeconfig /lab/kubeconfig\n');
});
