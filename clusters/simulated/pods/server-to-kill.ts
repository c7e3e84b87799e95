import { randomBytes } from 'node:crypto';
import { labIdFrom } from '../../../protocol/ids.ts';
import { NO_TEMPLATE } from '../hosts/host-template.ts';
import { Nursery } from '../hosts/nursery.ts';
import { startHosts } from '../hosts/start-hosts.ts';
import type { ContainerLaunch } from './sandbox.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

/** For killed-server.test.ts, which kills it: runs a pod with a program, a placeholder and a command, says so and waits. */
const hosts = await startHosts({
  lab: labIdFrom(randomBytes(10)),
  hosts: [],
  nursery: new Nursery(NO_TEMPLATE),
  files: [],
  progress: () => undefined,
  signal: AbortSignal.timeout(30_000),
  fault: () => undefined,
});
const sandboxes = new SupervisedSandboxes(hosts.supervisor);
const address = '10.244.1.9';
const plug = { node: '', gateway: '10.244.1.1' };
const pod = await sandboxes.makePod({ hostname: 'p', address, plug, node: 'node01', shares: [] });
const launch: ContainerLaunch = {
  argv: ['sleep', '1000'],
  env: { PATH: '/bin' },
  cwd: '/',
  uid: 1000,
  gid: 1000,
  groups: [1000],
  capabilities: [],
  noNewPrivileges: true,
  readOnlyRoot: true,
  streams: 'output',
  mounts: [],
  files: [],
};
const container = await pod.run(launch);
await pod.run({ ...launch, argv: ['/pause'], streams: 'placeholder' });
const run = await container.exec(['sh', '-c', 'id -u; sleep 2000'], launch.env, '/', new AbortController().signal);
run.stdout.once('data', (bytes: Buffer) => process.stdout.write(bytes));
setInterval(() => undefined, 60_000);
