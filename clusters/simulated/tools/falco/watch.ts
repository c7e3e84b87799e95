import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Alert, Judge, JudgedEvent } from './alert.ts';
import type { ContainerEvents } from './events.ts';
import type { Loaded } from './load.ts';
import { PRIORITIES } from './rules/definitions.ts';

export interface WatchRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  readonly events: ContainerEvents;
  readonly loaded: Extract<Loaded, { outcome: 'loaded' }>;
  readonly judge: Judge;
  /** Standard output, while `stdout_output` is enabled. */
  readonly stdout: (line: string) => void;
  /** The journal, while `syslog_output` is enabled. */
  readonly syslog: (line: string) => void;
}

/** Bytes of alerts for a file that wait for the node; what is more is dropped. */
const MOST_PENDING = 1_000_000;
/** A file of alerts is not written beyond this, bytes: it would fill the node's disk. */
const LARGEST_FILE = 8_000_000;

/** A falco that watches over its node, and over the containers there, until it is disposed of. */
export class Watch implements AsyncDisposable {
  readonly #request: WatchRequest;
  readonly #listening = new DisposableStack();
  readonly #counts = new Map<string, { readonly priority: Alert['priority']; count: number }>();
  #pending = '';
  #writing: Promise<void> = Promise.resolve();

  constructor(request: WatchRequest) {
    this.#request = request;
    const { events, host, clock, judge } = request;
    const hear = (event: JudgedEvent): void => {
      for (const alert of judge.alerts(event)) this.#tell(alert);
    };
    const node = { host: host.name, address: host.addresses.lan ?? '' };
    this.#listening.use(events.subscribe(host.name, hear));
    this.#listening.use(host.hearPrograms((call) => hear({ call, by: node, time: clock.now() })));
  }

  /** How often which rule spoke, as falco tells when it ends (userspace/engine/stats_manager.cpp). */
  get statistics(): string {
    const all = [...this.#counts];
    const total = all.reduce((sum, [, { count }]) => sum + count, 0);
    const ofPriority = PRIORITIES.flatMap((priority) => {
      const count = all.reduce((sum, [, one]) => sum + (one.priority === priority ? one.count : 0), 0);
      return count === 0 ? [] : [`   ${priority.toUpperCase()}: ${count}`];
    });
    const ofRule = all.map(([name, { count }]) => `   ${name}: ${count}`);
    return [
      `Events detected: ${total}`,
      'Rule counts by severity:',
      ...ofPriority,
      'Triggered rules by rule name:',
      ...ofRule,
      '',
    ].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
    await this.#writing;
  }

  #tell(alert: Alert): void {
    const { loaded, stdout, syslog } = this.#request;
    const { stdout_output, syslog_output, file_output } = loaded.configuration;
    const counted = this.#counts.get(alert.rule) ?? { priority: alert.priority, count: 0 };
    counted.count += 1;
    this.#counts.set(alert.rule, counted);
    if (stdout_output.enabled) stdout(alert.line);
    if (syslog_output.enabled) syslog(alert.line);
    if (file_output.enabled) this.#append(file_output.filename, `${alert.line}\n`);
  }

  #append(path: string, text: string): void {
    if (this.#pending.length + text.length > MOST_PENDING) return;
    const isIdle = this.#pending === '';
    this.#pending += text;
    if (!isIdle) return;
    this.#writing = this.#writing.then(async () => {
      const { host } = this.#request;
      while (this.#pending !== '') {
        const batch = this.#pending;
        const size = (await host.fileSize(path).catch(() => undefined)) ?? 0;
        // A folder that is missing, or a disk that is full, costs the alerts; falco goes on.
        if (size < LARGEST_FILE) await host.appendFile(path, batch, { mode: 0o600 }).catch(() => undefined);
        this.#pending = this.#pending.slice(batch.length);
      }
    });
  }
}
