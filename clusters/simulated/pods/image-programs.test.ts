import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { LONG, TestCluster } from './test-cluster.ts';

const here = existsSync('/usr/bin/bash') && existsSync('/usr/bin/curl');

describe.skipIf(impossible || !here)(`programs of images in their containers${whyNot}`, () => {
  let lab: TestCluster;
  beforeAll(async () => {
    lab = await TestCluster.start();
    await lab.run('web', { containers: [{ name: 'c', image: 'nginx:1.27' }] });
    await lab.ready('web');
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('are the real ones where this machine has them: bash and curl', async () => {
    expect(await lab.exec('web', "bash -c '[[ $BASH_VERSION = [0-9]* ]] && echo bash'")).toBe('bash');
    expect(await lab.exec('web', 'curl -s http://localhost/ | grep title')).toBe('<title>Welcome to nginx!</title>');
    expect(await lab.exec('web', 'grep ^ID= /etc/os-release')).toBe('ID=debian');
  });

  it('can be what a container runs', async () => {
    const command = ['bash', '-c', 'words=(one two); echo ${words[1]} > /tmp/said; exec sleep 1000'];
    await lab.run('shell', { containers: [{ name: 'c', image: 'debian:12', command }] });
    await lab.ready('shell');
    await expect.poll(() => lab.exec('shell', 'cat /tmp/said'), LONG).toBe('two');
  });

  it('are told to be missing, as runc does, where the image has none of that name', async () => {
    await lab.run('none', {
      restartPolicy: 'Never',
      containers: [{ name: 'c', image: 'nginx:1.27', command: ['nope'] }],
    });
    await expect.poll(() => lab.state('none')?.state?.terminated, LONG).toMatchObject({ reason: 'StartError' });
    const why =
      'unable to start container process: error during container init: exec: "nope": executable file not found in $PATH';
    expect(lab.state('none')?.state?.terminated?.message).toContain(why);
    expect(lab.events('none').find((event) => event.startsWith('Failed: '))).toContain(why);
  });

  it('are modelled where the server is, and reach it', async () => {
    const listening =
      'nginx -t 2>&1 | tail -1; cd /etc/nginx/conf.d && sed -i "s/listen  *80;/listen 81;/" default.conf';
    expect(await lab.exec('web', listening)).toBe('nginx: configuration file /etc/nginx/nginx.conf test is successful');
    await lab.exec('web', 'nginx -s reload');
    await expect.poll(() => lab.exec('web', 'curl -s http://localhost:81/ | grep title'), LONG).toContain('Welcome');
  });

  it('are given passwords by their own variables', async () => {
    const env = [{ name: 'POSTGRES_PASSWORD', value: 'hush' }];
    await lab.run('db', { containers: [{ name: 'c', image: 'postgres:16', env }] });
    await lab.ready('db');
    const ask = (password: string): string =>
      `PGPASSWORD=${password} psql -h $(hostname -i) -U postgres -tAc "select 5" 2>&1`;
    expect(await lab.exec('db', ask('hush'))).toBe('5');
    expect(await lab.exec('db', ask('wrong'))).toContain('password authentication failed for user "postgres"');
  });

  it('refuse in words what they would have to fetch', async () => {
    expect(await lab.exec('web', 'apt-get update 2>&1; echo $?')).toBe(
      'apt-get: not simulated: packages in containers; the image has what it has\n1',
    );
  });

  it('tell of the packages of their image, as the exam has one look for a version of libcrypto3', async () => {
    const images = ['alpine:3.20.0', 'alpine:3.19.1', 'alpine:3.16.8'];
    const containers = images.map((image, i) => ({ name: `c${i}`, image, command: ['sleep', '1d'] }));
    await lab.run('alpine', { containers });
    await lab.ready('alpine');
    const ask = (line: string) => Promise.all(containers.map(({ name }) => lab.exec('alpine', line, name)));
    expect(await ask('apk list --installed | grep libcrypto')).toEqual([
      'libcrypto3-3.3.0-r2 x86_64 {openssl} (Apache-2.0) [installed]',
      'libcrypto3-3.1.4-r5 x86_64 {openssl} (Apache-2.0) [installed]',
      'libcrypto1.1-1.1.1w-r1 x86_64 {openssl} (OpenSSL) [installed]',
    ]);
    expect(await ask('apk info -v | grep -c libcrypto3-3.1.4-r5; true')).toEqual(['0', '1', '0']);
    expect(await ask('apk info -e -v libcrypto3; echo $?')).toEqual([
      'libcrypto3-3.3.0-r2\n0',
      'libcrypto3-3.1.4-r5\n0',
      '1',
    ]);
    expect((await ask('apk info libcrypto3 2>/dev/null'))[1]).toContain('libcrypto3-3.1.4-r5 description:\nCrypto lib');
    expect((await ask("apk list 'lib*3'; apk --version"))[1]).toMatch(
      /^libcrypto3-.*\nlibssl3-.*\napk-tools 2\.14\.0, compiled for x86_64\.$/,
    );
    expect(await lab.exec('alpine', 'apk add curl 2>&1', 'c0')).toContain('not simulated: packages in containers');
  });

  it('can end the server, and its container with it', async () => {
    await lab.run('quit', { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx:1.27' }] });
    await lab.ready('quit');
    expect(await lab.exec('quit', 'nginx -s quit')).toContain('signal process started');
    await expect.poll(() => lab.state('quit')?.state?.terminated?.reason, LONG).toBe('Completed');
  });
});
