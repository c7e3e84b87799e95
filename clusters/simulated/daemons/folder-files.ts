import { watch as watchFolder } from 'node:fs';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { FileRead } from '../../cluster.ts';
import type { NodePathKind } from '../hosts/node-path-kind.ts';

/** A folder of this machine as the file system of a `SimulatedHost`, for tests. It follows links wherever they lead. */
export class FolderFiles {
  readonly root: string;
  #written = 0;

  constructor(root: string) {
    this.root = root;
  }

  /** Where a path of this host lies on the machine. */
  pathOf(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string, mode = 0o644): Promise<void> {
    return this.writeFile(path, Buffer.from(text), { mode });
  }

  async readFile(path: string, { maxBytes }: { maxBytes: number }): Promise<FileRead> {
    const status = await lstat(this.pathOf(path)).catch(() => undefined);
    if (status === undefined) return { outcome: 'absent' };
    if (!status.isFile()) return { outcome: 'refused', reason: 'not a regular file' };
    const content = await readFile(this.pathOf(path));
    return {
      outcome: 'read',
      content: content.subarray(0, maxBytes),
      mode: status.mode & 0o7777,
      truncated: content.length > maxBytes,
    };
  }

  async writeFile(path: string, content: Uint8Array, { mode }: { mode: number }): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    const fresh = join(this.root, `fresh-${++this.#written}`); // appears whole, so that nobody reads half of it
    await writeFile(fresh, content);
    await chmod(fresh, mode);
    await rename(fresh, this.pathOf(path));
  }

  async appendFile(path: string, text: string, { mode }: { mode: number }): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await appendFile(this.pathOf(path), text, { mode });
  }

  async fileSize(path: string): Promise<number | undefined> {
    const status = await stat(this.pathOf(path)).catch(() => undefined);
    return status?.isFile() === true ? status.size : undefined;
  }

  async makeLink(path: string, target: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await rm(this.pathOf(path), { force: true });
    await symlink(target, this.pathOf(path));
  }

  async listTree(folders: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
    const found = new Map<string, string | undefined>();
    for (const folder of folders) {
      const root = this.pathOf(folder);
      const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
      for (const entry of entries) {
        const at = join(entry.parentPath, entry.name);
        const path = `${folder}/${relative(root, at)}`;
        if (entry.isSymbolicLink()) found.set(path, await readlink(at));
        else if (entry.isFile()) found.set(path, undefined);
      }
    }
    return found;
  }

  async pathKind(path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind> {
    const status = await stat(this.pathOf(path)).catch(() => undefined);
    if (status !== undefined) return status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'else';
    if (make === 'folder') await mkdir(this.pathOf(path), { recursive: true });
    else if (make === 'file') await this.write(path, '');
    return make ?? 'absent';
  }

  async listFolder(path: string): Promise<readonly string[] | undefined> {
    return readdir(this.pathOf(path)).catch(() => undefined);
  }

  removeFile(path: string): Promise<void> {
    return rm(this.pathOf(path), { force: true });
  }

  async watch(path: string, changed: () => void): Promise<Disposable> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    const watcher = watchFolder(dirname(this.pathOf(path)), changed);
    return { [Symbol.dispose]: () => watcher.close() };
  }
}
