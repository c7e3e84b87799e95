import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { kindFailure } from './kind-failure.ts';
import type { KindProgram } from './kind-program.ts';
import { stepOf } from './kind-progress.ts';

export interface KindCliOptions {
  readonly program: KindProgram;
  /** Everything that kind and the docker client it runs may see: PATH, HOME, DOCKER_HOST, proxies. */
  readonly env: NodeJS.ProcessEnv;
}

export interface CreateCluster {
  readonly cluster: string;
  /** See `kindConfig`. */
  readonly config: string;
  /** A Docker network that is there already. */
  readonly network: string;
  /** Where kind writes the administrator's kubeconfig, and nowhere else. */
  readonly kubeconfig: string;
  readonly progress: (step: string) => void;
  /** What the nodes have to say when it fails: their last lines, which tell more than kind's own. */
  readonly nodeLogs?: () => Promise<string>;
  readonly signal: AbortSignal;
}

/** How long kind may take to end after a SIGINT, in milliseconds. */
const GRACE_MS = 3000;
/** `get` and `delete` ask Docker a few things. */
const SHORT_MS = 120_000;
const KEPT_CHARACTERS = 256 * 1024;

interface End {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The commands of the kind executable that a lab needs. Every failure is a `LabError` of `kindFailure`. */
export class KindCli {
  readonly program: KindProgram;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ program, env }: KindCliOptions) {
    this.program = program;
    // Its other providers are other engines than the one that the rest of the lab is made in.
    this.#env = { ...env, KIND_EXPERIMENTAL_PROVIDER: 'docker' };
  }

  /**
   * Makes a cluster; what it has made stays when it fails, so that its nodes can be asked why, and is the caller's to delete. Rejects with
   * the signal's reason once kind and its children have ended.
   */
  async create({ cluster, config, network, kubeconfig, progress, nodeLogs, signal }: CreateCluster): Promise<void> {
    const end = await this.#run(
      ['create', 'cluster', '--name', cluster, '--config', '-', '--kubeconfig', kubeconfig, '--retain'],
      {
        env: { KIND_EXPERIMENTAL_DOCKER_NETWORK: network },
        stdin: config,
        line(text) {
          const step = stepOf(text);
          if (step !== undefined) progress(step);
        },
        signal,
      },
    );
    if (end.exitCode === 0) return;
    throw kindFailure(end.stderr, 'make a cluster', { logs: await nodeLogs?.() });
  }

  /** The administrator's kubeconfig, whose server is on this machine's loopback. */
  async kubeconfig(cluster: string, signal: AbortSignal): Promise<string> {
    const end = await this.#short(['get', 'kubeconfig', '--name', cluster], signal);
    if (end.exitCode !== 0) throw kindFailure(end.stderr, 'read the kubeconfig of a cluster');
    return end.stdout;
  }

  /** Removes the cluster's nodes and what `kubeconfig` says of it. One that is not there is no error. */
  async delete(cluster: string, kubeconfig: string, signal: AbortSignal): Promise<void> {
    const end = await this.#short(['delete', 'cluster', '--name', cluster, '--kubeconfig', kubeconfig], signal);
    if (end.exitCode !== 0) throw kindFailure(end.stderr, 'delete a cluster');
  }

  #short(args: readonly string[], signal: AbortSignal): Promise<End> {
    return this.#run(args, { signal: AbortSignal.any([signal, AbortSignal.timeout(SHORT_MS)]) });
  }

  #run(
    args: readonly string[],
    {
      env = {},
      stdin = '',
      line,
      signal,
    }: { env?: NodeJS.ProcessEnv; stdin?: string; line?: (text: string) => void; signal: AbortSignal },
  ): Promise<End> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      // A group of its own: a Ctrl-C at our terminal is ours to pass on, to kind and to the docker clients that it has started.
      const child = spawn(this.program.path, args, {
        env: { ...this.#env, ...env },
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      const kill = (name: NodeJS.Signals): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, name);
        } catch {
          // It has ended by itself.
        }
      };
      let last: NodeJS.Timeout | undefined;
      const stop = (): void => {
        kill('SIGINT');
        last = setTimeout(kill, GRACE_MS, 'SIGKILL');
      };
      signal.addEventListener('abort', stop, { once: true });
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-KEPT_CHARACTERS)));
      createInterface({ input: child.stderr }).on('line', (text) => {
        stderr = `${stderr}${text}\n`.slice(-KEPT_CHARACTERS);
        line?.(text);
      });
      child.stdin.on('error', () => undefined).end(stdin);
      const over = (): void => {
        clearTimeout(last);
        signal.removeEventListener('abort', stop);
      };
      child.on('error', (cause) => {
        over();
        reject(kindFailure(`${this.program.path}: ${cause.message}`, 'be run', { cause }));
      });
      child.on('close', (code) => {
        over();
        if (signal.aborted) {
          kill('SIGKILL'); // what kind has left of its own children
          reject(signal.reason as Error);
        } else resolve({ exitCode: code ?? 1, stdout, stderr });
      });
    });
  }
}
