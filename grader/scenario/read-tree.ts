import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../clusters/cluster.ts';

export interface TreeFile {
  /** Relative to the tree's root, with `/`. */
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** Bounds of one tree. A submission comes from a learner, so nothing of it may be without end. */
export const TREE_LIMITS = {
  files: 500,
  folders: 500,
  depth: 16,
  fileBytes: 1024 * 1024,
  totalBytes: 8 * 1024 * 1024,
} as const;

/**
 * Reads every file under a directory, in name order; an absent directory is an empty tree.
 * Throws `LabError` for a symlink, anything that is neither file nor directory, and whatever exceeds `TREE_LIMITS`:
 * a link in a learner's submission would otherwise read the grader's own files.
 */
export async function readTree(root: string): Promise<readonly TreeFile[]> {
  const files: TreeFile[] = [];
  let totalBytes = 0;
  let folders = 0;

  async function walk(folder: string, prefix: string, depth: number): Promise<void> {
    if (depth > TREE_LIMITS.depth) throw refusal(prefix, `lies more than ${TREE_LIMITS.depth} folders deep`);
    if (++folders > TREE_LIMITS.folders) throw refusal(prefix, `makes it more than ${TREE_LIMITS.folders} folders`);
    for (const name of (await readdir(folder)).sort()) {
      const full = join(folder, name);
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (name.includes('\ufffd')) throw refusal(path, 'has a name that is not UTF-8');
      const stat = await lstat(full);
      if (stat.isDirectory()) {
        await walk(full, path, depth + 1);
        continue;
      }
      if (!stat.isFile()) throw refusal(path, stat.isSymbolicLink() ? 'is a symbolic link' : 'is not a plain file');
      if (stat.size > TREE_LIMITS.fileBytes) throw refusal(path, `is larger than ${TREE_LIMITS.fileBytes} bytes`);
      totalBytes += stat.size;
      if (totalBytes > TREE_LIMITS.totalBytes)
        throw refusal(path, `makes it more than ${TREE_LIMITS.totalBytes} bytes`);
      if (files.length === TREE_LIMITS.files) throw refusal(path, `makes it more than ${TREE_LIMITS.files} files`);
      files.push({ path, content: await readFile(full), executable: (stat.mode & 0o111) !== 0 });
    }
  }

  function refusal(path: string, why: string): LabError {
    return new LabError(`cannot read ${join(root, path)}: it ${why}`, 'Remove it or replace it by a plain file.');
  }

  if (await isDirectory(root)) await walk(root, '', 0);
  return files;
}

/** Follows no symlink: a link to a directory is not one. */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
