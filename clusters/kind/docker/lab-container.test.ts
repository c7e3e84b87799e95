import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dockerIsMissing, whyNoDocker } from '../docker-test-engine.ts';
import { type ContainerLab, LIMITS, newLabId, refusalOf, soon, startContainerLab } from '../lab-fixture.ts';
import { startLabContainer } from './lab-container.ts';
import { createLabNetwork } from './lab-network.ts';
import { findLabs } from './removal.ts';

describe.skipIf(dockerIsMissing)(`the containers of a lab${whyNoDocker}`, () => {
  let lab: ContainerLab;
  let other: ContainerLab;
  beforeAll(async () => {
    [lab, other] = await Promise.all([startContainerLab(['workstation', 'bastion']), startContainerLab(['internet'])]);
  });
  afterAll(() => Promise.all([lab, other].map((one) => one?.[Symbol.asyncDispose]())));

  const dial = async (from: ContainerLab, to: string, port: number): Promise<string> => {
    const result = await from.on(from === lab ? 'workstation' : 'internet').dial(to, port, AbortSignal.timeout(1500));
    if (result.outcome === 'open') result.socket.destroy();
    return result.outcome;
  };

  const gateway = () => lab.sh('workstation', "ip route show default | cut -d' ' -f3");

  test('have their own name, reach each other by it, and have a first process that buries the dead', async () => {
    expect(await lab.sh('workstation', "hostname; getent hosts bastion | tr -s ' '")).toBe(
      `workstation\n${lab.container('bastion').address} bastion`,
    );
    // Docker answers before what it has started is its image's own program.
    await expect.poll(() => lab.sh('workstation', 'cat /proc/1/comm')).toBe('docker-init');
  });

  test('do not reach another lab, by name or by address', async () => {
    const listener = 'socket($s, 2, 1, 0); bind($s, pack("S n x12", 2, 7000)); listen($s, 9); sleep 600';
    await other.sh('internet', `setsid perl -e '${listener}' > /dev/null 2>&1 &`);
    const { address } = other.container('internet');
    await expect.poll(() => dial(other, address, 7000)).toBe('open');
    expect(await dial(lab, address, 7000)).toMatch(/^(timeout|unreachable)$/);
    expect(await dial(lab, 'internet', 7000)).toBe('unresolved');
  });

  test("do not reach what listens on the machine's loopback, not through their gateway either", async () => {
    await using machine = await listenerOnMachine(lab, '127.0.0.1');
    expect(await dial(lab, await gateway(), machine.port)).toBe('refused');
    expect(await dial(lab, '127.0.0.1', machine.port)).toBe('refused');
  });

  test('reach what the machine serves on all its addresses, as every container does: docs say so', async () => {
    await using machine = await listenerOnMachine(lab, '0.0.0.0');
    expect(await dial(lab, await gateway(), machine.port)).toBe('open');
  });

  test('have no port published on the machine', async () => {
    const { stdout } = await promisify(execFile)('nsenter', [...lab.docker.onItsMachine.slice(1), 'ss', '-Hltn']);
    expect(stdout).toBe('');
  });

  test('get no more memory, processes and processor time than they may', async () => {
    expect(await lab.sh('bastion', `perl -e '$x = "x" x ${LIMITS.memoryBytes * 2}'; echo $?`)).toMatch(
      /^137\n.*Killed/,
    );
    const forks = 'for (1 .. 1000) { my $pid = fork() // last; exec("sleep", 60) unless $pid; $n++ } print $n';
    const made = Number(await lab.sh('bastion', `perl -e '${forks}'`));
    expect(made).toBeGreaterThan(LIMITS.pids / 2);
    expect(made).toBeLessThan(LIMITS.pids);
    const { HostConfig } = await lab.docker.engine.docker.getContainer(lab.container('bastion').id).inspect();
    expect(HostConfig).toMatchObject({
      NanoCpus: 1e9,
      MemorySwap: LIMITS.memoryBytes,
      PortBindings: null,
      Binds: null,
      Privileged: false,
    });
  });

  test('that cannot be made say why and what to do, and leave nothing', async () => {
    const { engine, image } = lab.docker;
    const { ownership, network } = lab;
    const start = (changes: Partial<Parameters<typeof startLabContainer>[1]>, signal = soon()) =>
      startLabContainer(engine, { ownership, host: 'internet', image, network, limits: LIMITS, ...changes }, signal);
    expect(await refusalOf(start({ image: 'no-such-image:1' }))).toMatch(
      /Docker does not have that image.*no-such-image:1.* → .*--image/,
    );
    expect(await refusalOf(start({ host: 'workstation' }))).toMatch(
      /start workstation.*the name is taken.* → .*remove what has the name/,
    );
    expect(await refusalOf(createLabNetwork(engine, ownership, soon()))).toMatch(/the name is taken.* → .*another lab/);
    await expect(start({}, AbortSignal.abort(new Error('changed my mind')))).rejects.toThrow('changed my mind');
    const found = (await findLabs(engine, ownership.server)).find((one) => one.lab === ownership.lab);
    expect(found?.hosts.map(({ host }) => host).sort()).toEqual(['bastion', 'workstation']);
  });

  test('that are given up while they start are gone', async () => {
    const { engine, image } = lab.docker;
    const ownership = { lab: newLabId(), server: 'given-up' };
    const giveUp = new AbortController();
    const { network } = lab;
    const starting = startLabContainer(
      engine,
      { ownership, host: 'internet', image, network, limits: LIMITS },
      giveUp.signal,
    );
    starting.catch(() => undefined);
    const { docker } = engine;
    const states = async () =>
      (await docker.listContainers({ all: true, filters: { label: ['io.breachlab.server=given-up'] } })).length;
    await expect.poll(states, { interval: 10 }).toBe(1);
    giveUp.abort(new Error('changed my mind'));
    await expect(starting).rejects.toThrow('changed my mind');
    await expect.poll(states).toBe(0);
  });
});

/** Listens where Docker runs; the port is picked by the system. */
async function listenerOnMachine(lab: ContainerLab, address: string) {
  const [enter = '', ...words] = lab.docker.onItsMachine;
  const script = `import { createServer } from 'node:net';
    const server = createServer((socket) => socket.destroy()).listen(0, '${address}', () => console.log(server.address().port));`;
  const argv = [...words, process.execPath, '--input-type=module', '-e', script];
  const child = spawn(enter, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}
