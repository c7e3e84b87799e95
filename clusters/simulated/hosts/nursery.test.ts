import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { labIdFrom } from '../../../protocol/ids.ts';
import { impossible, whyNot } from './host-fixture.ts';
import { NO_TEMPLATE } from './host-template.ts';
import { Nursery } from './nursery.ts';
import { descendants } from './processes.ts';
import { type HostSet, startHosts } from './start-hosts.ts';

/** The parents of labs that this process has. */
const parents = (): number[] =>
  descendants(process.pid).flatMap(({ pid, command }) => (command === 'breachlab-labs' ? [pid] : []));

const start = (nursery: Nursery, complaints: unknown[] = []): Promise<HostSet> =>
  startHosts({
    lab: labIdFrom(randomBytes(10)),
    hosts: ['bastion'],
    nursery,
    files: [],
    progress: () => undefined,
    signal: AbortSignal.timeout(30_000),
    fault: (error) => complaints.push(error),
  });

const nameOf = async (hosts: HostSet): Promise<string | undefined> => {
  const read = await hosts.host('bastion')?.readFile('/etc/hostname', { maxBytes: 100 });
  return read?.outcome === 'read' ? String(read.content).trim() : undefined;
};

describe.skipIf(impossible)(`the labs of a server${whyNot}`, () => {
  test('have one parent, and end alone', async () => {
    const nursery = new Nursery(NO_TEMPLATE);
    const before = parents().length;
    await using one = await start(nursery);
    await using other = await start(nursery);
    expect(parents()).toHaveLength(before + 1);
    await one[Symbol.asyncDispose]();
    expect(await nameOf(other)).toBe('bastion');
    await expect(one.host('bastion')?.readFile('/etc/hostname', { maxBytes: 1 })).rejects.toThrow('the lab has ended');
  });

  test('die with their parent, which is there again for the next', async () => {
    const nursery = new Nursery(NO_TEMPLATE);
    const before = parents();
    await using one = await start(nursery);
    await using other = await start(nursery);
    const [parent = 0] = parents().filter((pid) => !before.includes(pid));
    process.kill(parent, 'SIGKILL');
    await expect(Promise.all([one.died, other.died])).resolves.toEqual(Array(2).fill('its supervisor ended'));
    await using next = await start(nursery);
    expect(await nameOf(next)).toBe('bastion');
  });

  test('are told what their own supervisor warns of', async () => {
    const [complaints, others]: [unknown[], unknown[]] = [[], []];
    const nursery = new Nursery(NO_TEMPLATE);
    await using one = await start(nursery, complaints);
    await using _other = await start(nursery, others);
    // Perl warns where it is given something else than the number that it takes.
    await one.supervisor.ask('signal', 'bastion', 'zero');
    await expect.poll(() => String(complaints)).toContain("isn't numeric");
    expect(others).toEqual([]);
  });
});
