import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PhaseBegin, PhaseResult } from './api-client.ts';

/** One row of `breachlab bench`, as every bench prints it. */
export interface BenchRow {
  readonly name: string;
  readonly n: number;
  /** Milliseconds a request. */
  readonly p50: number;
  readonly p99: number;
  readonly unit: 'ms';
  /** Requests a second over all connections. */
  readonly rate: number;
  /** Microseconds of processor time that this process, the server's, spent a request: steadier than rates on a busy machine. */
  readonly cpu: number;
  readonly failures: number;
}

export interface ApiBenchTarget {
  readonly port: number;
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Measures GET, list of 100, patch and create over 16 connections, and sequential GET, against an API server on loopback. */
export async function benchApi(
  target: ApiBenchTarget,
  options: { seconds: number; connections: number },
): Promise<BenchRow[]> {
  const program = fileURLToPath(new URL('./api-client.ts', import.meta.url));
  const client = spawn(process.execPath, [program, JSON.stringify({ ...target, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(client, 'close');
  const rows: BenchRow[] = [];
  let begun = process.cpuUsage();
  for await (const line of createInterface({ input: client.stdout })) {
    const said = JSON.parse(line) as PhaseBegin | PhaseResult;
    if ('begins' in said) {
      begun = process.cpuUsage();
      continue;
    }
    const { user, system } = process.cpuUsage(begun);
    const { name, requests, seconds, p50, p99, failures } = said;
    rows.push({
      name: `api-${name}`,
      n: requests,
      p50,
      p99,
      unit: 'ms',
      rate: Math.round(requests / seconds),
      cpu: Math.round((user + system) / Math.max(requests, 1)),
      failures,
    });
  }
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the client of the API bench ended with ${code ?? 'a signal'}`);
  return rows;
}
