import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { PhaseResult } from './api-client.ts';

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
  const client = fileURLToPath(new URL('./api-client.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [client, JSON.stringify({ ...target, ...options })], {
    maxBuffer: 1024 * 1024,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as PhaseResult)
    .map(({ name, requests, seconds, p50, p99, failures }) => ({
      name: `api-${name}`,
      n: requests,
      p50,
      p99,
      unit: 'ms',
      rate: Math.round(requests / seconds),
      failures,
    }));
}
