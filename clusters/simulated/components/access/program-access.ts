import type { Clock } from '../../clock.ts';
import type { Dial } from '../../kubernetes/callout/https-call.ts';
import { ApiClient } from '../../kubernetes/client-config/api-client.ts';
import { type ClientConfig, loadClientConfig } from '../../kubernetes/client-config/client-config.ts';
import { ClientConfigError } from '../../kubernetes/client-config/kubeconfig-file.ts';
import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import type { ProgramSettings } from '../flags/program-settings.ts';
import { klogLine } from '../klog.ts';
import { refusalsOf, type Stages } from './asks.ts';
import { Connection } from './connection.ts';

/** What is special about one program's way to the API server. */
export interface ProgramRow {
  readonly name: string;
  /** The kubeconfig that kubeadm makes for it. */
  readonly kubeconfig: string;
  readonly asks: Stages;
  /** Whether it looks for the lock of its leaders before anything else. */
  readonly electsFirst: boolean;
  readonly wait: (failures: number) => number;
}

export interface ProgramAccessOptions {
  readonly clock: Clock;
  /** A file as the program's container sees it. */
  readonly read: ReadFile;
  /** Whether a file of its node is still the one that the lab was made with, so that nobody needs to look. */
  readonly isAsLaid: (path: string) => boolean;
  readonly dial: Dial;
}

/** The kubeconfigs for its own callers, in the order in which it reads them, with what it says around client-go's words for a bad one. */
const OF_CALLERS: readonly (readonly [flag: string, around: string])[] = [
  ['authentication-kubeconfig', 'failed to get delegated authentication kubeconfig: '.repeat(2)],
  ['authorization-kubeconfig', 'failed to get delegated authorization kubeconfig: '],
];

/**
 * How kube-scheduler and kube-controller-manager come to the API server: by the kubeconfigs that their flags name, read when they start
 * (cmd/kube-scheduler/app/options/options.go, apiserver/pkg/server/options/authentication.go and authorization.go). What they may do there
 * is looked at when they connect; later changes of their rights go unnoticed.
 */
export class ProgramAccess {
  readonly #row: ProgramRow;
  readonly #options: ProgramAccessOptions;

  constructor(row: ProgramRow, options: ProgramAccessOptions) {
    this.#row = row;
    this.#options = options;
  }

  /**
   * Reads the kubeconfigs. Undefined is a way that is known to be free; else the way is to be opened. Throws a `StartupError` for what the
   * program ends with.
   */
  async client(
    { kubeconfig, port, flags }: ProgramSettings,
    log: (line: string) => void,
  ): Promise<ApiClient | undefined> {
    const { isAsLaid } = this.#options;
    const master = flags.text('master');
    const ofCallers = port === 0 ? [] : OF_CALLERS.map(([flag, around]) => ({ around, path: flags.text(flag) }));
    const isUsual = [kubeconfig, ...ofCallers.map(({ path }) => path)].every((path) => path === this.#row.kubeconfig);
    if (isUsual && master === '' && isAsLaid(kubeconfig)) return undefined;
    if (kubeconfig === '' && master === '') for (const line of notInCluster(this.#options.clock)) log(line);
    const own = await this.#clientOf(kubeconfig, '', master);
    // Without one for its callers it asks nobody who they are.
    for (const { around, path } of ofCallers) if (path !== '') await this.#clientOf(path, around, '');
    return own;
  }

  /** Comes to the API server by that client, and tells when it has. */
  connect(
    client: ApiClient,
    { log, opened }: { readonly log: (line: string) => void; readonly opened: () => void },
  ): Connection {
    const { asks, wait } = this.#row;
    const { clock } = this.#options;
    return new Connection({ clock, wait, log, opened, attempt: () => refusalsOf(client, asks, clock) });
  }

  async #clientOf(path: string, around: string, master: string): Promise<ApiClient> {
    const { dial, read } = this.#options;
    try {
      const config = path === '' && master !== '' ? anonymously(master) : await loadClientConfig(path, read);
      const { name } = this.#row;
      return new ApiClient(master === '' ? config : { ...config, server: master }, { dial, userAgent: name });
    } catch (error) {
      if (error instanceof ClientConfigError) throw new StartupError(around + error.message, { cause: error });
      throw error;
    }
  }
}

/** What `--master` alone comes to. */
const anonymously = (server: string): ClientConfig => ({
  server,
  serverName: undefined,
  skipVerify: false,
  certificateAuthority: undefined,
  clientCertificate: undefined,
  token: undefined,
  basic: undefined,
  as: undefined,
});

/** client-go/tools/clientcmd/client_config.go BuildConfigFromFlags, in a container without a ServiceAccount. */
const notInCluster = (clock: Clock): readonly string[] => [
  klogLine(
    clock,
    'W',
    'client_config.go:683',
    'Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.',
  ),
  klogLine(
    clock,
    'W',
    'client_config.go:688',
    'error creating inClusterConfig, falling back to default config: unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
  ),
];
