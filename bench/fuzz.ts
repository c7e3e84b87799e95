import { startControlPlane } from './control-plane.ts';
import { fuzz } from './fuzz-client.ts';
import { heapInUse } from './heap.ts';
import { malformedRequests, seededDraw } from './malformed-requests.ts';
import { type BenchRow, rowOf } from './row.ts';

const CONNECTIONS = 16;

/**
 * Malformed requests against a control plane. `heap-growth` is what the second half left behind, in KB, so that what the first requests
 * compile and cache once does not count; `failures` are internal errors, which no request should get.
 */
export async function* benchFuzz(count: number, seed = 1): AsyncGenerator<BenchRow> {
  const log: string[] = [];
  await using plane = await startControlPlane((line) => void log.push(line));
  const requests = malformedRequests(seededDraw(seed));
  const half = { count: Math.ceil(count / 2), connections: CONNECTIONS };
  await fuzz(plane.target, requests, half);
  const before = heapInUse();
  const { statuses, broken, surprises, took } = await fuzz(plane.target, requests, half);
  const after = heapInUse();
  for (const surprise of surprises) process.stderr.write(`${surprise}\n`);
  for (const line of log.filter((one) => one.includes('unexpected error')).slice(0, 20))
    process.stderr.write(`${line}\n`);
  yield rowOf('fuzz', 'ms', took, {
    failures: broken,
    unanswered: statuses.get(0) ?? 0,
    'heap-growth-KB': Math.round((after - before) / 1024),
  });
}
