import { startControlPlane } from './control-plane.ts';
import { heapInUse } from './heap.ts';
import { type BenchRow, rowOf } from './row.ts';

/** Starts before the ones that count: what is made once a process is made in them. */
const WARM_UP = 12;
const STARTS = 50;

/** The start of a control plane from its certificates to the port that answers, one after the other, and what it leaves on the heap. */
export async function* benchBoot(): AsyncGenerator<BenchRow> {
  for (let i = 0; i < WARM_UP; i++) await (await startControlPlane())[Symbol.asyncDispose]();
  await using running = new AsyncDisposableStack();
  const before = heapInUse();
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const begun = performance.now();
    running.use(await startControlPlane());
    times.push(performance.now() - begun);
  }
  const grown = heapInUse() - before;
  yield rowOf('boot', 'ms', times);
  yield rowOf('boot-heap', 'MB', [grown / STARTS / 2 ** 20], { 'control-planes': STARTS });
}
