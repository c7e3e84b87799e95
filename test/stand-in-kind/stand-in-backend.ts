import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../../clusters/cluster.ts';
import { kindBackend } from '../../clusters/kind/backend.ts';
import { checkedKind } from '../../clusters/kind/cli/kind-program.ts';
import { findLabs } from '../../clusters/kind/docker/removal.ts';
import { sharedDocker, type TestDocker } from '../../clusters/kind/docker-test-engine.ts';
import { parseImageChoices } from '../../clusters/kind/images/choices.ts';
import { IMAGE_NAMES } from '../../clusters/kind/images/table.ts';
import { installStandInKind, type StandInKind } from './install.ts';

/** The kind backend over a real Docker and the stand-in for kind. */
export interface StandInBackend extends AsyncDisposable {
  readonly backend: Backend;
  readonly docker: TestDocker;
  readonly standIn: StandInKind;
  /** What the backend had to say to who runs the server. */
  readonly complaints: readonly string[];
  /** How many things there are in Docker of this server's labs. */
  remains(): Promise<number>;
  /** Another one over the same Docker and the same stand-in, as a later server has it, or as another one (`server`). */
  again(server?: string): Backend;
}

/** `--image` flags that make everything of the test image. */
export const imageFlags = (image: string): readonly string[] => IMAGE_NAMES.map((name) => `${name}=${image}`);

/** For a server of that id. */
export async function standInBackend(server: string): Promise<StandInBackend> {
  const docker = await sharedDocker();
  const standIn = await installStandInKind();
  const directory = await mkdtemp(join(tmpdir(), 'stand-in-backend-'));
  const complaints: string[] = [];
  const env = { PATH: process.env['PATH'] };
  const again = (of = server): Backend =>
    kindBackend({
      kind: (signal) => checkedKind(standIn.path, env, signal),
      env,
      socketPath: docker.socketPath,
      server: () => Promise.resolve(of),
      directory: join(directory, of),
      choices: parseImageChoices({ images: imageFlags(docker.image), mirrors: [] }),
      log: (line) => complaints.push(line),
    });
  return {
    backend: again(),
    docker,
    standIn,
    complaints,
    again,
    async remains() {
      const labs = await findLabs(docker.engine, server);
      return labs.reduce(
        (sum, lab) => sum + lab.hosts.length + lab.nodes.length + lab.volumes.length + (lab.network ? 1 : 0),
        0,
      );
    },
    async [Symbol.asyncDispose]() {
      await standIn[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
