import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { LabError, type Manifest, type Seed, type SeedFile } from '../../clusters/cluster.ts';
import { HostName } from '../../protocol/host.ts';
import type { ClusterShape } from '../../protocol/scenario.ts';
import { readTree, type TreeFile } from './read-tree.ts';

const KubernetesObject = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

/** `seed/modes.yaml`: `controlplane:/etc/shadow: '0640'`. */
const Modes = z.record(
  z.templateLiteral([HostName, ':/', z.string()]),
  z.string().regex(/^0[0-7]{3,4}$/, "octal permission bits in quotes, for instance '0600'"),
);

/**
 * Reads a seed's directory: `manifests/*.yaml` (several documents each, made in name order), `hosts/<host>/<path>` (files laid over
 * the host's own) and `modes.yaml`. Without a line in `modes.yaml` a file's mode is 0o755 or 0o644 by its executable bit, since
 * git keeps no more than that. Throws `LabError` that names the file and what is wrong.
 */
export async function readSeed(
  directory: string,
  { hosts, cluster }: { readonly hosts: readonly HostName[]; readonly cluster?: ClusterShape | undefined },
): Promise<Seed> {
  const manifests = manifestsOf(await readTree(join(directory, 'manifests')), join(directory, 'manifests'));
  const tree = await readTree(directory);
  const modes = modesOf(tree, join(directory, 'modes.yaml'));
  const files = hostFilesOf(
    tree
      .filter(({ path }) => path.startsWith('hosts/'))
      .map((file) => ({ ...file, path: file.path.slice('hosts/'.length) })),
    join(directory, 'hosts'),
    modes,
  );
  for (const key of modes.keys()) {
    if (!files.some(({ host, path }) => `${host}:${path}` === key)) {
      throw broken(join(directory, 'modes.yaml'), `names ${key}, which is not under hosts/`);
    }
  }
  for (const { host, path } of files) {
    if (!hosts.includes(host))
      throw broken(join(directory, 'hosts', host, path), `lies on ${host}, which the scenario does not have`);
  }
  for (const name of cluster?.bootFiles ?? []) {
    if (!files.some(({ host, path }) => `${host}:${path}` === name))
      throw broken(join(directory, 'hosts'), `lacks ${name}, which bootFiles of the cluster names`);
  }
  return { hosts, manifests, files, ...(cluster === undefined ? {} : { cluster }) };
}

/** Kubernetes objects of YAML files, in order. `where` is the folder, for messages. */
function manifestsOf(tree: readonly TreeFile[], where: string): Manifest[] {
  return tree
    .filter(({ path }) => /\.ya?ml$/.test(path))
    .flatMap(({ path, content }) =>
      parseAllDocuments(Buffer.from(content).toString('utf8')).flatMap((document, i) => {
        const [error] = document.errors;
        if (error !== undefined) throw broken(join(where, path), error.message);
        const value: unknown = document.toJS();
        if (value === null) return [];
        const checked = KubernetesObject.safeParse(value);
        if (!checked.success) throw broken(join(where, path), `document ${i + 1}: ${z.prettifyError(checked.error)}`);
        return [checked.data];
      }),
    );
}

/** Files named `<host>/<absolute path>`. `where` is the folder, for messages. */
export function hostFilesOf(
  tree: readonly TreeFile[],
  where: string,
  modes: ReadonlyMap<string, number> = new Map(),
): SeedFile[] {
  return tree.map(({ path, content, executable }) => {
    const [first = '', ...rest] = path.split('/');
    const host = HostName.safeParse(first);
    if (!host.success || rest.length === 0) {
      throw broken(join(where, path), `must lie under a host: ${HostName.options.join(', ')}`);
    }
    const absolute = `/${rest.join('/')}`;
    const mode = modes.get(`${host.data}:${absolute}`) ?? (executable ? 0o755 : 0o644);
    return { host: host.data, path: absolute, content, mode };
  });
}

function modesOf(tree: readonly TreeFile[], where: string): ReadonlyMap<string, number> {
  const file = tree.find(({ path }) => path === 'modes.yaml');
  if (file === undefined) return new Map();
  const modes = Modes.safeParse(parse(Buffer.from(file.content).toString('utf8')));
  if (!modes.success) throw broken(where, z.prettifyError(modes.error));
  return new Map(Object.entries(modes.data).map(([key, octal]) => [key, Number.parseInt(octal, 8)]));
}

function broken(file: string, what: string): LabError {
  return new LabError(`${file}: ${what}`, 'Correct the file of the scenario.');
}
