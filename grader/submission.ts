import { join } from 'node:path';
import { LabError, type Host, type Lab } from '../clusters/cluster.ts';
import { messageOf, printable } from './probes/observation.ts';
import { readTree } from './scenario/read-tree.ts';
import { hostFilesOf } from './scenario/seed.ts';

/** What applying a submission did. A step that failed is told, not thrown: what it left of the lab is graded all the same. */
export interface AppliedSubmission {
  readonly steps: readonly SubmissionStep[];
}

export interface SubmissionStep {
  readonly name: 'hosts' | 'manifests' | 'fix.sh';
  readonly exitCode: number;
  /** Standard output and standard error, bounded. */
  readonly output: string;
}

const OUTPUT_BYTES = 256 * 1024;
const OUTPUT_CHARACTERS = 16 * 1024;
/** Enough for the last words of a script. */
const STUMBLE_CHARACTERS = 1500;
/**
 * A fix takes seconds, and minutes where it restarts a real API server twice and waits for real pods to end; one that waits for ever must
 * not hold up a batch.
 */
const STEP_SECONDS: Readonly<Record<Lab['backend'], number>> = { simulated: 300, kind: 900 };

/**
 * Applies a directory to a lab as its author would have typed it: `hosts/<host>/<path>` is laid over the hosts' files,
 * `manifests/*.yaml` is applied by `kubectl` on the workstation, `fix.sh` runs there with bash as root. Throws `LabError` when the
 * directory holds none of the three, holds a symlink or exceeds `TREE_LIMITS`.
 */
export async function applySubmission(directory: string, lab: Lab, signal: AbortSignal): Promise<AppliedSubmission> {
  const tree = await readTree(directory);
  const under = (folder: string) =>
    tree
      .filter(({ path }) => path.startsWith(folder))
      .map((file) => ({ ...file, path: file.path.slice(folder.length) }));
  const files = hostFilesOf(under('hosts/'), join(directory, 'hosts'));
  const manifests = under('manifests/').filter(({ path }) => /\.ya?ml$/.test(path));
  const script = tree.find(({ path }) => path === 'fix.sh');
  if (files.length === 0 && manifests.length === 0 && script === undefined) {
    throw new LabError(
      `there is no submission in ${directory}`,
      'It must hold fix.sh, manifests/*.yaml or hosts/<host>/<path>.',
    );
  }

  const steps: SubmissionStep[] = [];
  for (const { host, path, content, mode } of files) {
    signal.throwIfAborted();
    const machine = await lab.host(host);
    await machine.writeFile(path, content, { mode }).catch((cause: unknown) => {
      throw new LabError(
        `${host}:${path} could not be laid there: ${messageOf(cause)}`,
        'Name a plain file whose folders may be written.',
        { cause },
      );
    });
  }
  if (files.length > 0)
    steps.push({ name: 'hosts', exitCode: 0, output: files.map(({ host, path }) => `${host}:${path}`).join('\n') });
  const workstation = await lab.host('workstation');
  const seconds = STEP_SECONDS[lab.backend];
  if (manifests.length > 0) {
    for (const { path, content } of manifests) {
      await workstation.writeFile(`/root/submission/manifests/${path}`, content, { mode: 0o644 });
    }
    const argv = ['kubectl', 'apply', '--recursive', '-f', '/root/submission/manifests'];
    steps.push(await run(workstation, 'manifests', argv, { seconds, signal }));
  }
  if (script !== undefined) {
    await workstation.writeFile('/root/fix.sh', script.content, { mode: 0o755 });
    steps.push(await run(workstation, 'fix.sh', ['bash', '/root/fix.sh'], { seconds, signal }));
  }
  return { steps };
}

/** What ended badly, with the end of what it said. */
export function stumblesIn({ steps }: AppliedSubmission): readonly string[] {
  return steps
    .filter(({ exitCode }) => exitCode !== 0)
    .map(({ name, exitCode, output }) => `${name} ended with ${exitCode}: ${output.slice(-STUMBLE_CHARACTERS).trim()}`);
}

async function run(
  host: Host,
  name: SubmissionStep['name'],
  argv: readonly string[],
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<SubmissionStep> {
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    const { exitCode, stdout, stderr } = await host.exec(argv, {
      cwd: '/root',
      maxBytes: OUTPUT_BYTES,
      signal: AbortSignal.any([signal, timeout]),
    });
    return {
      name,
      exitCode,
      output: printable(`${stdout.toString('utf8')}${stderr.toString('utf8')}`, OUTPUT_CHARACTERS),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { name, exitCode: 124, output: `not done in ${seconds} s` };
    throw error;
  }
}
