import type { Audit, Check, TestItem } from './benchmark.ts';
import { all, eachLine, flag } from './benchmark.ts';
import { wordAfter, type NodeState, type PathVariable } from './node-state.ts';

/**
 * The command line of a program of the node. The real tool greps the process list, which also finds others that mention the name;
 * here it is that program's alone.
 */
export const commandLine = (program: string): Audit => ({
  command: `/bin/ps -ef | grep ${program} | grep -v grep`,
  output: ({ processes }) => processes.get(program) ?? '',
});

/** A file of the node, by the variable that stands for its path. */
export const content = (variable: PathVariable): Audit => ({
  command: `/bin/cat $${variable}`,
  output: ({ texts, paths }) => texts.get(paths[variable]) ?? '',
});

type Paths = (node: NodeState) => readonly string[];

export const pathOf =
  (variable: PathVariable): Paths =>
  ({ paths }) => [paths[variable]];

/** Files below a folder, by the end of their names; folders too, and the folder itself, when the end is empty. */
export const below =
  (folder: string, end: string): Paths =>
  ({ files }) =>
    [...files].flatMap(([path, { isFolder }]) =>
      (path === folder || path.startsWith(`${folder}/`)) && path.endsWith(end) && (end === '' || !isFolder)
        ? [path]
        : [],
    );

export const etcdData: Paths = ({ processes, files, paths }) => {
  const given = wordAfter(processes.get('etcd'), '--data-dir');
  return [given !== undefined && files.has(given) ? given : paths.etcddatadir];
};

export const kubeletAuthority: Paths = ({ processes, paths }) => [
  wordAfter(processes.get('kubelet'), '--client-ca-file') ?? paths.kubeletcafile,
];

const cannotStat = (path: string): string => `stat: cannot statx '${path}': No such file or directory`;

const status = (command: string, paths: Paths, line: 'permissions' | 'owner'): Audit => ({
  command,
  output: (node) =>
    paths(node)
      .map((path) => {
        const found = node.files.get(path);
        if (found === undefined) return cannotStat(path);
        return line === 'permissions' ? `permissions=${found.mode}` : found.owner;
      })
      .join('\n'),
});

interface FileCheck {
  readonly id: string;
  readonly text: string;
  /** As the real tool's line names them. */
  readonly named: string;
  readonly paths: Paths;
  readonly remediation: string;
}

const perLine = (item: TestItem) => eachLine(all(item));

/** That no file has a permission bit beyond `most`, in octal. */
export const permissions = (most: string, { id, text, named, paths, remediation }: FileCheck): Check => ({
  id,
  text,
  audit: status(`/bin/sh -c 'stat -c permissions=%a ${named}'`, paths, 'permissions'),
  tests: perLine(flag('permissions', 'bitmask', most)),
  remediation,
});

/** That files belong to that user and group, `root:root`. */
export const ownership = (owner: string, { id, text, named, paths, remediation }: FileCheck): Check => ({
  id,
  text,
  audit: status(`/bin/sh -c 'stat -c %U:%G ${named}'`, paths, 'owner'),
  tests: perLine(flag(owner)),
  remediation,
});
