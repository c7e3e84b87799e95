import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';
import { MANIFESTS } from '../kubernetes/bootstrap/static-pods.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { NodeFiles } from './node-files.ts';

/** What of a static pod its runner needs; the rest goes to the mirror pod as it stands. */
const StaticPodFile = z.looseObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() }),
  spec: z.looseObject({
    containers: z
      .array(
        z.looseObject({
          name: z.string().min(1),
          image: z.string().default(''),
          command: z.array(z.string()).default([]),
          args: z.array(z.string()).default([]),
        }),
      )
      .min(1),
  }),
});

export interface StaticPod {
  readonly file: string;
  readonly name: string;
  readonly namespace: string;
  /** The kubelet's hash of the file: another one is another pod. */
  readonly hash: string;
  readonly container: string;
  readonly image: string;
  /** The first container's command and arguments. */
  readonly argv: readonly string[];
  readonly object: KubeObject;
}

export interface FolderRead {
  readonly pods: readonly StaticPod[];
  /** One line a file that is no pod, as the kubelet's journal has it. */
  readonly complaints: readonly string[];
}

const MAX_MANIFESTS = 64;

/** Reads the static pods of a node. A file that cannot be read as a pod counts as absent (pkg/kubelet/config/file_linux.go). */
export async function readManifestFolder(files: NodeFiles, folder: string = MANIFESTS): Promise<FolderRead> {
  const names = [...(await files.list(folder))]
    .filter((name) => !name.startsWith('.'))
    .sort()
    .slice(0, MAX_MANIFESTS);
  const contents = await Promise.all(names.map((name) => files.read(`${folder}/${name}`)));
  const pods: StaticPod[] = [];
  const complaints: string[] = [];
  for (const [i, name] of names.entries()) {
    const file = `${folder}/${name}`;
    const content = contents[i];
    if (content === undefined) continue;
    try {
      pods.push(staticPod(file, content));
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : (error as Error).message;
      complaints.push(
        `"Can't process manifest file" err="${file}: couldn't parse as pod(${why.split('\n')[0]}), please check config file" path="${file}"`,
      );
    }
  }
  return { pods, complaints };
}

/** What was read last, by file and hash: nearly every lab has the same manifests, and YAML takes milliseconds. */
const known = new Map<string, StaticPod>();
const MAX_KNOWN = 64;

function staticPod(file: string, content: Buffer): StaticPod {
  const hash = createHash('md5').update(content).digest('hex');
  const key = `${hash} ${file}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const parsed: unknown = parse(content.toString('utf8'), { maxAliasCount: 100 });
  const { metadata, spec } = StaticPodFile.parse(parsed);
  const [container] = spec.containers;
  if (container === undefined) throw new Error('no containers');
  const pod: StaticPod = {
    file,
    name: metadata.name,
    namespace: metadata.namespace ?? 'default',
    hash,
    container: container.name,
    image: container.image,
    argv: [...container.command, ...container.args],
    object: parsed as KubeObject,
  };
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(key, pod);
  return pod;
}
