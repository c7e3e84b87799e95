import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Line } from '../../pods/log-ring.ts';
import { asideName, criLine, MAX_LOG_BYTES } from './cri-log.ts';
import { filesOfHost } from '../node/node-files.ts';

export interface ContainerLogFileOptions {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly path: string;
  /** Where log collectors look for it (pkg/kubelet/kuberuntime/legacy.go). */
  readonly link: string;
  readonly lines: (signal: AbortSignal) => Promise<AsyncIterable<Line>>;
}

/** Lines are gathered for so long, in milliseconds: a loud container costs its node two writes a second. */
const GATHER_MS = 500;
/** Characters that wait for the disk; the container's log in memory takes what comes meanwhile, within bounds of its own. */
const MAX_PENDING = 1024 * 1024;

/** The log file of one run of a container, written as its output appears. A disk that refuses keeps the log away, not the container. */
export class ContainerLogFile {
  readonly path: string;
  /** Resolves when everything is written that is going to be. */
  readonly written: Promise<void>;
  readonly #options: ContainerLogFileOptions;
  readonly #ending = new AbortController();
  #pending = '';
  #writing: Promise<void> | undefined;
  /** Bytes in the file. */
  #size = 0;
  #aside: string | undefined;

  constructor(options: ContainerLogFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.written = this.#follow().catch(() => undefined);
  }

  /** Writes no more; resolves when what was being written is written. */
  end(): Promise<void> {
    this.#ending.abort();
    return this.written;
  }

  /** Ends, and takes away the file and its link. */
  async remove(): Promise<void> {
    const { host, link } = this.#options;
    await this.end();
    const all = [link, this.path, ...(this.#aside === undefined ? [] : [this.#aside])];
    await Promise.all(all.map((path) => host.removeFile(path).catch(() => undefined)));
  }

  async #follow(): Promise<void> {
    const { host, path, link, lines } = this.#options;
    const { signal } = this.#ending;
    await host.appendFile(path, '', { mode: 0o640 });
    await host.makeLink(link, path);
    for await (const line of await lines(signal)) {
      if (signal.aborted) break;
      this.#pending += criLine(line);
      this.#writing ??= this.#write();
      if (this.#pending.length > MAX_PENDING) await this.#writing;
    }
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#pending !== '') {
      await new Promise<void>((resume) => void this.#options.clock.after(GATHER_MS, resume));
      await this.#flush().catch(() => undefined);
    }
    this.#writing = undefined;
  }

  async #flush(): Promise<void> {
    const { host, clock, path } = this.#options;
    const text = this.#pending;
    this.#pending = '';
    const bytes = Buffer.byteLength(text);
    if (this.#size > 0 && this.#size + bytes > MAX_LOG_BYTES) {
      const before = this.#aside;
      this.#aside = asideName(path, clock.now());
      await filesOfHost(host).log.rename(path, this.#aside);
      if (before !== undefined && before !== this.#aside) await host.removeFile(before);
      this.#size = 0;
    }
    await host.appendFile(path, text, { mode: 0o640 });
    this.#size += bytes;
  }
}
