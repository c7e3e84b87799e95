import type { Clock } from '../../clock.ts';
import type { Dial } from '../../kubernetes/callout/https-call.ts';
import { ApiClient } from '../../kubernetes/client-config/api-client.ts';
import { loadClientConfig } from '../../kubernetes/client-config/client-config.ts';
import { ClientConfigError } from '../../kubernetes/client-config/kubeconfig-file.ts';
import type { ReadFile } from '../../kubernetes/flags/read-file.ts';
import { klogLine } from '../klog.ts';
import { refusalsOf, type Stages } from './asks.ts';
import { Connection } from './connection.ts';

/** What is special about one program's way to the API server. */
export interface ProgramRow {
  readonly name: string;
  /** The kubeconfig that kubeadm makes for it. */
  readonly kubeconfig: string;
  readonly asks: Stages;
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

/** The kubeconfigs of a program in the order in which it reads them, with what it says around client-go's words for a bad one. */
const KUBECONFIGS: readonly (readonly [flag: string, around: string])[] = [
  ['kubeconfig', ''],
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
   * Reads the kubeconfigs of a command line. A string is what the program ends with; undefined is a way that is known to be free, of which
   * `opened` is not told.
   */
  async open(
    argv: readonly string[],
    { log, opened }: { readonly log: (line: string) => void; readonly opened: () => void },
  ): Promise<string | Connection | undefined> {
    const { name, kubeconfig, asks, wait } = this.#row;
    const { clock, isAsLaid, dial, read } = this.#options;
    const paths = KUBECONFIGS.map(([flag, around]) => ({ around, path: valueOf(argv, flag) }));
    if (paths.every(({ path }) => path === kubeconfig) && isAsLaid(kubeconfig)) return undefined;
    const clients: ApiClient[] = [];
    for (const { around, path } of paths) {
      // Without one for its callers it asks nobody who they are; without its own it has nowhere to go.
      if (path === undefined && around !== '') continue;
      if (path === undefined) for (const line of notInCluster(clock)) log(line);
      try {
        clients.push(new ApiClient(await loadClientConfig(path ?? '', read), { dial, userAgent: name }));
      } catch (error) {
        if (!(error instanceof ClientConfigError)) throw error;
        return klogLine(clock, 'E', 'run.go:72', `"command failed" err=${JSON.stringify(around + error.message)}`);
      }
    }
    const [own] = clients;
    return own && new Connection({ clock, wait, log, opened, attempt: () => refusalsOf(own, asks, clock) });
  }
}

const valueOf = (argv: readonly string[], flag: string): string | undefined =>
  argv.findLast((argument) => argument.startsWith(`--${flag}=`))?.slice(flag.length + 3) || undefined;

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
