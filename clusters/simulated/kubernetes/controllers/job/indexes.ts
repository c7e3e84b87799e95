import type { Job, Pod } from '../../model/generated/objects.ts';

export const INDEX = 'batch.kubernetes.io/job-completion-index';

/** The completion index of a pod; undefined for none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX];
  return text === undefined ? undefined : Number(text);
}

/** `0-2,5` from sorted or unsorted numbers (indexed_job_utils.go). */
export function formatIndexes(indexes: Iterable<number>): string {
  const runs: [number, number][] = [];
  for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}${to === from + 1 ? ',' : '-'}${to}`)).join(',');
}

export function parseIndexes(text: string | undefined): number[] {
  return (text ?? '').split(',').flatMap((run) => {
    if (run === '') return [];
    const [from = 0, to = from] = run.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** The lowest indexes that no pod works on and that are not over. */
export function nextIndexes(job: Job, over: ReadonlySet<number>, active: readonly Pod[], count: number): number[] {
  const taken = new Set(active.map(indexOf));
  const free: number[] = [];
  for (let index = 0; index < (job.spec.completions ?? 0) && free.length < count; index++) {
    if (!over.has(index) && !taken.has(index)) free.push(index);
  }
  return free;
}
