import { randomBytes } from 'node:crypto';
import { HOST_NAMES, type HostName } from '../../protocol/host.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import type { Lab } from '../../clusters/cluster.ts';
import { simulatedBackend } from '../../clusters/simulated/backend.ts';

/** How long a change may take to show; on an idle machine half a second. */
const WITHIN_MS = 5000;

/** For tests of what a learner can ruin: a whole lab, with what it complained of to whoever runs the server. */
export interface RuinedLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly complaints: readonly string[];
  /** Runs a shell line; the output of both streams, and the status unless it is 0. */
  sh(host: HostName, line: string): Promise<string>;
  /** Asks again until the answer fits; on time-out the last answer is what the test sees. */
  eventually(host: HostName, line: string, wanted: RegExp): Promise<string>;
}

export async function labToRuin(): Promise<RuinedLab> {
  const complaints: string[] = [];
  const backend = simulatedBackend({ programs: {}, log: (line) => complaints.push(line) });
  const lab = await backend.create({
    id: labIdFrom(randomBytes(10)),
    seed: { hosts: HOST_NAMES, manifests: [], files: [] },
    progress: () => undefined,
    signal: AbortSignal.timeout(60_000),
  });
  async function sh(name: HostName, line: string): Promise<string> {
    const host = await lab.host(name);
    const result = await host.exec(['bash', '-c', line], { signal: AbortSignal.timeout(60_000), maxBytes: 100_000 });
    const said = `${String(result.stdout)}${String(result.stderr)}`.trim();
    return result.exitCode === 0 ? said : `${said} [status ${result.exitCode}]`.trim();
  }
  return {
    lab,
    complaints,
    sh,
    async eventually(host, line, wanted) {
      const until = performance.now() + WITHIN_MS;
      let answer = await sh(host, line);
      while (!wanted.test(answer) && performance.now() < until) answer = await sh(host, line);
      return answer;
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** The same bytes at every call, of every value, with line ends among them. */
export function junk(bytes: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state >> 16;
    }),
  );
}
