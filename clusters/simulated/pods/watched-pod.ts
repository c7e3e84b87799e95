import { startTestLab } from '../hosts/host-fixture.ts';
import type { ContainerLaunch, ContainerProcess } from './sandbox.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

/** A container that waits, as root with little to do. */
export const LAUNCH: ContainerLaunch = {
  id: 'containerd://one',
  argv: ['sleep', '1000'],
  env: { PATH: '/bin:/usr/bin' },
  cwd: '/',
  uid: 0,
  gid: 0,
  groups: [],
  capabilities: [0, 1],
  noNewPrivileges: false,
  readOnlyRoot: false,
  streams: 'output',
  mounts: [],
  files: [
    { kind: 'file', path: '/etc/shadow', mode: 0o600, data: 'root:*::\n' },
    { kind: 'file', path: '/etc/hostname', mode: 0o644, data: 'watched\n' },
    { kind: 'file', path: '/etc/passwd', mode: 0o644, data: 'root:x:0:0:root:/root:/bin/sh\n' },
  ],
};

/** For tests: one pod of a lab without machines, in which containers run whose calls are observed. */
export class WatchedPod implements AsyncDisposable {
  readonly sandboxes: SupervisedSandboxes;
  readonly #made: AsyncDisposableStack;
  readonly #run: (launch: ContainerLaunch) => Promise<ContainerProcess>;

  private constructor(
    sandboxes: SupervisedSandboxes,
    run: (launch: ContainerLaunch) => Promise<ContainerProcess>,
    made: AsyncDisposableStack,
  ) {
    this.sandboxes = sandboxes;
    this.#run = run;
    this.#made = made;
  }

  static async start(): Promise<WatchedPod> {
    const made = new AsyncDisposableStack();
    const lab = made.use(await startTestLab([]));
    const sandboxes = new SupervisedSandboxes(lab.set.supervisor);
    const plug = { node: '', gateway: '10.244.1.1' };
    const pod = await sandboxes.makePod({
      hostname: 'watched',
      address: '10.244.1.9',
      plug,
      node: 'node01',
      shares: [],
    });
    return new WatchedPod(sandboxes, (launch) => pod.run(launch), made);
  }

  run(launch: Partial<ContainerLaunch> = {}): Promise<ContainerProcess> {
    return this.#run({ ...LAUNCH, ...launch });
  }

  /** Runs a shell's line in a container; both outputs as one text. */
  async exec(container: ContainerProcess, line: string): Promise<{ readonly status: number; readonly output: string }> {
    const program = await container.exec(['sh', '-c', line], LAUNCH.env, '/', AbortSignal.timeout(10_000));
    program.stdin.end();
    let output = '';
    for (const stream of [program.stdout, program.stderr])
      stream.on('data', (bytes: Buffer) => (output += String(bytes)));
    return { status: await program.exited, output };
  }

  async said(container: ContainerProcess, line: string): Promise<string> {
    return (await this.exec(container, line)).output;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#made.disposeAsync();
  }
}
