import { readFile } from 'node:fs/promises';
import { descendants } from '../clusters/simulated/hosts/processes.ts';
import { type BenchSetup, createLab, loadBreach, shellAtPrompt } from './bench-setup.ts';
import { heapInUse } from './heap.ts';
import { type BenchRow, rowOf } from './row.ts';

const LABS = 10;
const MB = 1024 * 1024;

/** Proportional set size of all processes below this one and not itself, in bytes (proc(5) smaps_rollup). */
async function descendantsPss(): Promise<number> {
  let bytes = 0;
  for (const { pid } of descendants(process.pid)) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    bytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }
  return bytes;
}

/** Memory of labs with and without an open shell: their processes, and their share of the server's heap. */
export async function* benchLabMemory(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const count = setup.labs ?? LABS;
  await (await createLab(setup, scenario))[Symbol.asyncDispose](); // warms what all labs share
  await using labs = new AsyncDisposableStack();
  const heapBefore = heapInUse();
  const hosts = [];
  for (let i = 0; i < count; i++) hosts.push(await labs.use(await createLab(setup, scenario)).host('workstation'));
  const idle = await descendantsPss();
  const heapAfter = heapInUse();
  for (const [i, host] of hosts.entries()) labs.use(await shellAtPrompt(host, `bench-${i}`));
  const withShell = await descendantsPss();
  yield rowOf('lab-memory-idle', 'MB', [idle / count / MB], { labs: count });
  yield rowOf('lab-memory-shell', 'MB', [withShell / count / MB], { labs: count });
  yield rowOf('lab-memory-heap', 'MB', [(heapAfter - heapBefore) / count / MB], { labs: count });
}
