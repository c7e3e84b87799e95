import { readdirSync, readFileSync } from 'node:fs';

/** For tests and benches: the machine's processes as it sees them. */

/** A process by its number and the moment it began, so that a number given again is another process. */
export interface ProcessMark {
  readonly pid: number;
  readonly parent: number;
  readonly began: string;
  readonly command: string;
}

interface Entry extends ProcessMark {
  readonly state: string;
}

/** proc_pid_stat(5): the name may hold anything, and ends at the last bracket. */
function entryOf(pid: number): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, state: fields[0] ?? '', parent: Number(fields[1]), began: fields[19] ?? '', command };
  } catch {
    return undefined; // it has just ended
  }
}

/** The processes below one of this machine, in whatever namespaces they are. */
export function descendants(root: number): readonly ProcessMark[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => entryOf(Number(name)) ?? []);
  const found: Entry[] = [];
  for (let parents = [root]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map(({ pid }) => pid);
  }
  return found.map(({ pid, parent, began, command }) => ({ pid, parent, began, command }));
}

/** Those of the processes that still run; one that only waits to be reaped does not. */
export function survivors(marks: readonly ProcessMark[]): readonly ProcessMark[] {
  return marks.filter(({ pid, began }) => {
    const entry = entryOf(pid);
    return entry !== undefined && entry.began === began && entry.state !== 'Z';
  });
}
