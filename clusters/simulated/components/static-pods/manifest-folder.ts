import { createHash } from 'node:crypto';
import { MANIFESTS } from '../../kubernetes/bootstrap/static-pods.ts';
import type { NodeFiles } from '../node/node-files.ts';
import { NoStaticPod, readStaticPod, type StaticPod } from './static-pod-file.ts';

export interface FolderRead {
  readonly pods: readonly StaticPod[];
  /** One line a file that is no pod, as the kubelet's journal has it. */
  readonly complaints: readonly string[];
}

const MAX_MANIFESTS = 64;

/** Reads the static pods of a node. A file that cannot be read as a pod counts as absent (pkg/kubelet/config/file_linux.go). */
export async function readManifestFolder(
  files: NodeFiles,
  node: string,
  folder: string = MANIFESTS,
): Promise<FolderRead> {
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
      pods.push(staticPod(file, content, node));
    } catch (error) {
      if (!(error instanceof NoStaticPod)) throw error;
      complaints.push(`"Could not process manifest file" err=${JSON.stringify(error.message)} path="${file}"`);
    }
  }
  return { pods, complaints };
}

/** What was read last, by node, file and hash: nearly every lab has the same manifests, and YAML takes milliseconds. */
const known = new Map<string, StaticPod>();
const MAX_KNOWN = 64;

function staticPod(file: string, content: Buffer, node: string): StaticPod {
  const key = `${createHash('md5').update(content).digest('hex')} ${node} ${file}`;
  const pod = known.get(key) ?? readStaticPod(file, content, node);
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  known.set(key, pod);
  return pod;
}
