import type { Clock } from '../../clock.ts';
import type { ComponentContainer } from '../component.ts';
import type { NodeFiles } from '../node/node-files.ts';

/** The log files of the control plane's containers on their node. A full disk keeps a log away, not its component. */
export class ComponentLogs {
  readonly #files: NodeFiles;
  readonly #clock: Clock;
  #writing: Promise<void> = Promise.resolve();

  constructor(files: NodeFiles, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** Makes the file with what was logged so far, and the link under which log collectors look for it (pkg/kubelet/kuberuntime/legacy.go). */
  begin(container: ComponentContainer): void {
    const { pod, namespace, name, id, logPath } = container;
    this.append(container, container.log);
    const link = `/var/log/containers/${pod}_${namespace}_${name}-${id}.log`;
    this.#then(() => this.#files.link(link, logPath));
  }

  /** Adds lines as containerd does, one write after another. */
  append({ logPath }: ComponentContainer, lines: readonly string[]): void {
    const stamp = new Date(this.#clock.now()).toISOString();
    const text = lines.map((line) => `${stamp} stderr F ${line}\n`).join('');
    this.#then(() => this.#files.log.append(logPath, text));
  }

  /** Resolves when what was logged is written. */
  written(): Promise<void> {
    return this.#writing;
  }

  #then(write: () => Promise<void>): void {
    this.#writing = this.#writing.then(write).catch(() => undefined);
  }
}
