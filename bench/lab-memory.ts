import { readFile } from 'node:fs/promises';
import { descendants } from '../clusters/simulated/hosts/processes.ts';
import { type BenchSetup, createLab, loadBreach, shellAtPrompt } from './bench-setup.ts';
import { heapInUse } from './heap.ts';
import { type BenchRow, rowOf } from './row.ts';

const LABS = 10;
const MB = 1024 * 1024;

/** The one process that all labs of a server have in common (hosts/agent/nursery.pl). */
const PARENT = 'breachlab-labs';

/** Proportional set size of the processes below this one, in bytes (proc(5) smaps_rollup): of the labs, and of their parent. */
async function pssBelow(): Promise<{ readonly labs: number; readonly parent: number }> {
  const bytes = { labs: 0, parent: 0 };
  for (const { pid, command } of descendants(process.pid)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const pss = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    bytes[command === PARENT ? 'parent' : 'labs'] += pss;
  }
  return bytes;
}

/**
 * Memory of labs with and without an open shell: their processes, their share of the server's heap, and what their parent has beside, which
 * a server has once however many labs there are.
 */
export async function* benchLabMemory(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const count = setup.labs ?? LABS;
  await (await createLab(setup, scenario))[Symbol.asyncDispose](); // warms what all labs share
  await using labs = new AsyncDisposableStack();
  const heapBefore = heapInUse();
  const hosts = [];
  for (let i = 0; i < count; i++) hosts.push(await labs.use(await createLab(setup, scenario)).host('workstation'));
  const idle = await pssBelow();
  const heapAfter = heapInUse();
  for (const [i, host] of hosts.entries()) labs.use(await shellAtPrompt(host, `bench-${i}`));
  const withShell = await pssBelow();
  yield rowOf('lab-memory-idle', 'MB', [idle.labs / count / MB], { labs: count });
  yield rowOf('lab-memory-shell', 'MB', [withShell.labs / count / MB], { labs: count });
  yield rowOf('lab-memory-parent', 'MB', [idle.parent / MB], { labs: count });
  yield rowOf('lab-memory-heap', 'MB', [(heapAfter - heapBefore) / count / MB], { labs: count });
}
