import type { HostDaemon } from '../../hosts/host-daemon.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { LogFiles } from '../../kubernetes/audit/log-file.ts';
import type { SeedFile } from '../../../cluster.ts';
import type { NodePathKind } from '../../hosts/node-path-kind.ts';

/** The files of a node as its components read them: in the running host, or in memory while no host runs. */
export interface NodeFiles {
  /** Undefined for a file that is not there or may not be read. */
  read(path: string): Promise<Buffer | undefined>;
  list(folder: string): Promise<readonly string[]>;
  write(path: string, content: string, mode: number): Promise<void>;
  /** Makes a symlink; makes missing folders. */
  link(path: string, target: string): Promise<void>;
  /** What lies at a path, after making it if it is missing and `make` says so. */
  kind(path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind>;
  /** What a log needs besides. The host's own bounds hold for it. */
  readonly log: LogFiles;
  watch(path: string, changed: () => void): Promise<Disposable>;
  /** A daemon that the machine of these files is to show; undefined while there is none. */
  newDaemon(): HostDaemon | undefined;
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
  link: (path, target) => host.makeLink(path, target),
  kind: (path, make) => host.pathKind(path, make),
  watch: (path, changed) => host.watch(path, changed),
  newDaemon: () => host.newDaemon(),
  log: {
    append: (path, text) => host.appendFile(path, text, { mode: 0o600 }),
    size: (path) => host.fileSize(path),
    rename: async (from, to) => void (await host.exec(['mv', from, to], { signal: AbortSignal.timeout(PROGRAM_MS) })),
    remove: async (path) => host.removeFile(path),
    list: async (folder) => (await host.listFolder(folder)) ?? [],
  },
});

/** A second is long for a program that touches one file; a learner who replaced it must not hold up the API server. */
const PROGRAM_MS = 2000;

/** Follows whatever the node's files are at the moment. */
export const followingFiles = (files: () => NodeFiles): NodeFiles => ({
  read: (path) => files().read(path),
  list: (folder) => files().list(folder),
  write: (path, content, mode) => files().write(path, content, mode),
  link: (path, target) => files().link(path, target),
  kind: (path, make) => files().kind(path, make),
  watch: (path, changed) => files().watch(path, changed),
  newDaemon: () => files().newDaemon(),
  log: {
    append: (path, text) => files().log.append(path, text),
    size: (path) => files().log.size(path),
    rename: (from, to) => files().log.rename(from, to),
    remove: (path) => files().log.remove(path),
    list: (folder) => files().log.list(folder),
  },
});

/** A node without a machine: what was laid down stays as it is, for nobody can log in to change it. */
export function filesInMemory(files: readonly SeedFile[]): NodeFiles {
  const contents = new Map<string, Pick<SeedFile, 'content'>>(files.map((file) => [file.path, file]));
  return {
    read(path) {
      const file = contents.get(path);
      return Promise.resolve(file && Buffer.from(file.content));
    },
    list(folder) {
      const inside = [...contents.keys()].filter((path) => path.startsWith(`${folder}/`));
      return Promise.resolve([...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))]);
    },
    write(path, content) {
      contents.set(path, { content: Buffer.from(content) });
      return Promise.resolve();
    },
    link: () => Promise.resolve(),
    kind(path, make) {
      const isFolder = [...contents.keys()].some((other) => other.startsWith(`${path}/`));
      return Promise.resolve(contents.has(path) ? 'file' : isFolder ? 'folder' : (make ?? 'absent'));
    },
    watch: () => Promise.resolve({ [Symbol.dispose]: () => undefined }),
    newDaemon: () => undefined,
    // Nobody could read a log here.
    log: {
      append: () => Promise.resolve(),
      size: () => Promise.resolve(undefined),
      rename: () => Promise.resolve(),
      remove: () => Promise.resolve(),
      list: () => Promise.resolve([]),
    },
  };
}
