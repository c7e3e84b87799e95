import type { SimulatedHost } from '../hosts/simulated-host.ts';
import type { SeedFile } from '../../cluster.ts';

/** The files of a node as its components read them: in the running host, or in memory while no host runs. */
export interface NodeFiles {
  /** Undefined for a file that is not there or may not be read. */
  read(path: string): Promise<Buffer | undefined>;
  list(folder: string): Promise<readonly string[]>;
  write(path: string, content: string, mode: number): Promise<void>;
  watch(path: string, changed: () => void): Promise<Disposable>;
}

/** Larger files than this are no configuration. */
const MAX_BYTES = 4 * 1024 * 1024;

export const filesOfHost = (host: SimulatedHost): NodeFiles => ({
  async read(path) {
    const read = await host.readFile(path, { maxBytes: MAX_BYTES });
    return read.outcome === 'read' ? read.content : undefined;
  },
  list: async (folder) => (await host.listFolder(folder)) ?? [],
  write: (path, content, mode) => host.writeFile(path, Buffer.from(content), { mode }),
  watch: (path, changed) => host.watch(path, changed),
});

/** A node without a machine: what was laid down stays as it is, for nobody can log in to change it. */
export function filesInMemory(files: readonly SeedFile[]): NodeFiles {
  const contents = new Map(files.map(({ path, content }) => [path, Buffer.from(content)]));
  return {
    read: (path) => Promise.resolve(contents.get(path)),
    list(folder) {
      const inside = [...contents.keys()].filter((path) => path.startsWith(`${folder}/`));
      return Promise.resolve([...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))]);
    },
    write(path, content) {
      contents.set(path, Buffer.from(content));
      return Promise.resolve();
    },
    watch: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
  };
}
