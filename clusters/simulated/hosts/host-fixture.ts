import { randomBytes } from 'node:crypto';
import { labIdFrom } from '../../../protocol/ids.ts';
import type { HostName } from '../../../protocol/host.ts';
import type { ExecOptions, SeedFile } from '../../cluster.ts';
import { shellLine } from '../../shell-line.ts';
import { hostsDoctor } from './doctor.ts';
import { readHostTemplate } from './host-template.ts';
import { Nursery } from './nursery.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { TemplateEntry } from './template-entry.ts';
import { startHosts, type HostSet } from './start-hosts.ts';

/** For tests: hosts without the rest of a lab. */

const [problem] = (await hostsDoctor()).filter(({ severity }) => severity === 'error');

/** True where hosts cannot run; put `whyNot` into the title of what is skipped. */
export const impossible = problem !== undefined;
export const whyNot = problem === undefined ? '' : ` (skipped: ${problem.what})`;

/** Of every lab of a test file. */
export const nursery = new Nursery(await readHostTemplate(new Map()));

export interface TestLab extends AsyncDisposable {
  readonly set: HostSet;
  on(name: HostName): SimulatedHost;
  /** Runs a shell line; the output of both streams, and the status unless it is 0. */
  sh(name: HostName, line: string, options?: Partial<ExecOptions>): Promise<string>;
}

export async function startTestLab(
  hosts: readonly HostName[],
  files: readonly SeedFile[] = [],
  installed: (host: HostName) => readonly TemplateEntry[] = () => [],
): Promise<TestLab> {
  const faults: unknown[] = [];
  const set = await startHosts({
    lab: labIdFrom(randomBytes(10)),
    hosts,
    nursery,
    installed,
    files,
    progress: () => undefined,
    signal: AbortSignal.timeout(30_000),
    fault: (error) => faults.push(error),
  });
  const on = (name: HostName) => {
    const host = set.host(name);
    if (host === undefined) throw new Error(`the test's lab has no ${name}`);
    return host;
  };
  return {
    set,
    on,
    sh: (name, line, options = {}) => shellLine(on(name), line, { signal: AbortSignal.timeout(30_000), ...options }),
    async [Symbol.asyncDispose]() {
      await set[Symbol.asyncDispose]();
      if (faults.length > 0) throw new AggregateError(faults, 'the lab reported faults');
    },
  };
}
