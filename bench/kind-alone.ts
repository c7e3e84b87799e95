import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KindCli } from '../clusters/kind/cli/kind-cli.ts';
import { kindConfig } from '../clusters/kind/cli/kind-config.ts';
import type { KindProgram } from '../clusters/kind/cli/kind-program.ts';
import { connectEngine } from '../clusters/kind/docker/engine.ts';
import { createLabNetwork } from '../clusters/kind/docker/lab-network.ts';
import { dockerNameOf } from '../clusters/kind/docker/ownership.ts';
import { removeLab } from '../clusters/kind/docker/removal.ts';
import { labIdFrom } from '../protocol/ids.ts';

/** What labs on kind are compared with: clusters that kind makes by itself, of the same two nodes and the same image. */
export interface KindAlone {
  readonly kind: (signal: AbortSignal) => Promise<KindProgram>;
  readonly env: NodeJS.ProcessEnv;
  readonly socketPath: string;
  readonly image: string;
}

/** Milliseconds from the start of `kind create cluster` to its end. Nothing of the cluster is left. */
export async function timeOfKindAlone(
  { kind, env, socketPath, image }: KindAlone,
  { random, signal }: { random: (bytes: number) => Uint8Array; signal: AbortSignal },
): Promise<number> {
  const engine = await connectEngine({ socketPath }, signal);
  const cli = new KindCli({ program: await kind(signal), env: { ...env, DOCKER_HOST: `unix://${socketPath}` } });
  const ownership = { lab: labIdFrom(random(10)), server: 'bench' };
  const cluster = dockerNameOf(ownership.lab);
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  try {
    const network = await createLabNetwork(engine, ownership, signal);
    const config = kindConfig({ image, serverNames: [] });
    const began = performance.now();
    await cli.create({ cluster, config, network: network.name, kubeconfig, progress: () => undefined, signal });
    return performance.now() - began;
  } finally {
    await cli.delete(cluster, kubeconfig, AbortSignal.timeout(60_000)).catch(() => undefined);
    await removeLab(engine, ownership.lab, ownership);
    await rm(folder, { recursive: true, force: true });
  }
}
