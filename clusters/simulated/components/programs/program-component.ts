import type { Server } from 'node:net';
import { serveConnections } from '../../daemons/bounded-server.ts';
import type { HostDaemon } from '../../hosts/host-daemon.ts';
import { RELEASE } from '../../kubernetes/bootstrap/release.ts';
import type { Controller } from '../../kubernetes/controllers/controller.ts';
import { leaderLease } from '../../kubernetes/controllers/leader-lease.ts';
import { certificateOf, clientAuthorities, tlsTerms } from '../../kubernetes/flags/serving-config.ts';
import { StartupError } from '../../kubernetes/flags/startup-error.ts';
import type { ConfigMap } from '../../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { Connection } from '../access/connection.ts';
import { ProgramAccess, type ProgramAccessOptions, type ProgramRow } from '../access/program-access.ts';
import type { Reviews } from '../access/reviews.ts';
import type { Component } from '../component.ts';
import { UnreadCommandLine } from '../flags/settings-error.ts';
import type { ProgramSettings } from '../flags/program-settings.ts';
import { klogLine } from '../klog.ts';
import type { Endpoints } from '../serving/program-endpoints.ts';
import { ProgramServer } from '../serving/program-server.ts';
import { Loops } from './loops.ts';
import { servedAddress, shownAddress } from './served-address.ts';

/** What kube-scheduler and kube-controller-manager have in common with the lab around them. */
export interface ProgramSurroundings {
  readonly cluster: Cluster;
  readonly access: ProgramAccessOptions;
  readonly reviews: Reviews;
  /** The API server by its address in their kubeconfigs. */
  readonly server: string;
  readonly hostname: string;
  readonly newId: () => string;
  /** Adds a line to the log of its container. */
  readonly log: (line: string) => void;
  /** Told when it has come through to the API server after it was started. */
  readonly opened: () => void;
}

/** What is special about one of them. */
export interface Program<Settings extends ProgramSettings> {
  readonly row: ProgramRow;
  /** Reads its command line. Throws `UnreadCommandLine` or `StartupError`. */
  readonly settings: (argv: readonly string[]) => Promise<Settings>;
  /** The first lines of its log. */
  readonly greeting: () => readonly string[];
  readonly endpoints: (settings: Settings, isOpen: () => boolean) => Pick<Endpoints, 'checks' | 'problemOf'>;
  readonly loops: (settings: Settings) => readonly Controller[];
  /** What ends it when its loops are made, line by line; undefined for nothing. */
  readonly unmade?: (settings: Settings) => Promise<readonly string[] | undefined>;
  /** What it logs of the loops that it starts. */
  readonly started?: (settings: Settings) => readonly string[];
}

interface Running<Settings> {
  readonly settings: Settings;
  readonly server: ProgramServer | undefined;
  /** Undefined where the way to the API server is known to be free. */
  readonly connection: Connection | undefined;
}

/** kube-scheduler or kube-controller-manager: loops that run as long as its static pod does, from when it reaches the API server. */
export class ProgramComponent<Settings extends ProgramSettings> implements Component {
  readonly #program: Program<Settings>;
  readonly #around: ProgramSurroundings;
  readonly #access: ProgramAccess;
  readonly #loops: Loops;
  #running: Running<Settings> | undefined;
  #listeners = new AsyncDisposableStack();

  constructor(program: Program<Settings>, around: ProgramSurroundings) {
    this.#program = program;
    this.#around = around;
    this.#access = new ProgramAccess(program.row, around.access);
    this.#loops = new Loops(around);
  }

  async start(argv: readonly string[], log = this.#around.log, daemon?: HostDaemon): Promise<string | undefined> {
    try {
      await this.#start(argv, log, daemon);
      return undefined;
    } catch (error) {
      await this.stop();
      if (error instanceof UnreadCommandLine) return error.message;
      if (error instanceof Unmade) return error.lines.join('\n');
      if (error instanceof StartupError)
        return this.#line('E', 'run.go:72', `"command failed" err=${JSON.stringify(error.message)}`);
      throw error;
    }
  }

  async enter(daemon: HostDaemon): Promise<void> {
    if (this.#running !== undefined) await this.#listen(daemon, this.#running);
  }

  async stop(): Promise<void> {
    this.#running?.connection?.[Symbol.dispose]();
    this.#running = undefined;
    this.#loops.stop();
    const listeners = this.#listeners;
    this.#listeners = new AsyncDisposableStack();
    await listeners.disposeAsync();
  }

  isDoubtful(): boolean {
    return this.#running?.connection?.isOpen === false;
  }

  statusOf(path: string): Promise<number | undefined> {
    return this.#running?.server?.statusFor(path) ?? Promise.resolve(undefined);
  }

  async #start(argv: readonly string[], log: (line: string) => void, daemon: HostDaemon | undefined): Promise<void> {
    const { row, settings: read, greeting, unmade } = this.#program;
    const settings = await read(argv);
    const client = await this.#access.client(settings, log);
    const server = settings.port === 0 ? undefined : await this.#serverOf(settings, log);
    for (const line of [...settings.warnings, ...greeting()]) log(line);
    if (row.electsFirst) this.#logElection(settings, 'attempting', log);
    const missing = await unmade?.(settings);
    if (missing !== undefined) throw new Unmade(missing);
    const opened = (): void => {
      this.#run(settings, log);
      this.#around.opened();
    };
    const connection = client && this.#access.connect(client, { log, opened });
    this.#running = { settings, server, connection };
    if (daemon !== undefined) await this.#listen(daemon, this.#running);
    if (server !== undefined) {
      const shown = `${shownAddress(settings.address)}:${settings.port}`;
      log(this.#line('I', 'secure_serving.go:211', `Serving securely on ${shown}`));
    }
    if (connection === undefined) this.#run(settings, log);
  }

  async #serverOf(settings: Settings, log: (line: string) => void): Promise<ProgramServer> {
    const { access, cluster, reviews, server } = this.#around;
    const { row, endpoints } = this.#program;
    const { flags } = settings;
    const pair = await certificateOf(flags, access.read);
    if (pair === undefined) log(this.#line('I', 'serving.go:386', 'Generated self-signed cert in-memory'));
    const authorities = await clientAuthorities(flags, access.read);
    const delegates = {
      authentication: flags.text('authentication-kubeconfig') !== '',
      authorization: flags.text('authorization-kubeconfig') !== '',
    };
    const looksUp = delegates.authentication && !flags.flag('authentication-skip-lookup', false);
    return new ProgramServer({
      endpoints: {
        ...endpoints(settings, () => !this.isDoubtful()),
        program: row.name,
        profiling: settings.profiling,
        metrics: () => metricsOf(settings.leaderElection.leaderElect ? row.name : undefined),
      },
      terms: tlsTerms(flags),
      pair,
      clientAuthorities: () => authorities ?? (looksUp ? publishedAuthorities(cluster) : undefined),
      alwaysAllowPaths: settings.alwaysAllowPaths,
      delegates,
      reviews,
      server,
      now: () => cluster.clock.now(),
    });
  }

  async #listen(daemon: HostDaemon, { settings, server }: Running<Settings>): Promise<void> {
    if (server === undefined) return;
    const { port } = settings;
    const address = servedAddress(settings.address);
    const listeners = this.#listeners;
    const take = (socket: Server): void => void listeners.use(serveConnections(socket, (each) => server.accept(each)));
    try {
      await daemon.listenWhenSeen(port, address, take);
    } catch (error) {
      const at = `${settings.address}:${port}`;
      const isTaken = (error as { code?: string }).code === 'EADDRINUSE';
      const why = isTaken ? 'bind: address already in use' : (error as Error).message;
      throw new StartupError(`failed to create listener: failed to listen on ${at}: listen tcp ${at}: ${why}`, {
        cause: error,
      });
    }
  }

  #run(settings: Settings, log: (line: string) => void): void {
    const { row, loops, started } = this.#program;
    const { cluster, hostname, newId } = this.#around;
    const {
      leaderElect,
      resourceName: name,
      resourceNamespace: namespace,
      leaseDuration: duration,
    } = settings.leaderElection;
    if (!row.electsFirst) this.#logElection(settings, 'attempting', log);
    this.#logElection(settings, 'acquired', log);
    for (const line of started?.(settings) ?? []) log(line);
    const holder = `${hostname}_${newId()}`;
    this.#loops.start(() => [
      ...loops(settings),
      ...(leaderElect ? [leaderLease(cluster, { name, namespace, holder, duration, program: row.name })] : []),
    ]);
  }

  #logElection({ leaderElection }: Settings, what: 'attempting' | 'acquired', log: (line: string) => void): void {
    const { leaderElect, resourceName, resourceNamespace } = leaderElection;
    const lease = `${resourceNamespace}/${resourceName}`;
    if (!leaderElect) return;
    if (what === 'acquired') log(this.#line('I', 'leaderelection.go:271', `successfully acquired lease ${lease}`));
    else log(this.#line('I', 'leaderelection.go:257', `attempting to acquire leader lease ${lease}...`));
  }

  #line(severity: 'I' | 'E', place: string, message: string): string {
    return klogLine(this.#around.cluster.clock, severity, place, message);
  }
}

/** Loops that could not be made. */
class Unmade extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** What a program without a bundle of its own looks up (apiserver/pkg/server/options/authentication.go). */
function publishedAuthorities(cluster: Cluster): string | undefined {
  const configMaps = cluster.resource('configmaps');
  const published: ConfigMap | undefined = cluster.get(configMaps, 'kube-system', 'extension-apiserver-authentication');
  return published?.data?.['client-ca-file'];
}

const metricsOf = (leader: string | undefined): readonly string[] => [
  '# not simulated: most of the metrics of this program',
  "# HELP kubernetes_build_info [ALPHA] A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
  '# TYPE kubernetes_build_info gauge',
  `kubernetes_build_info{git_version="${RELEASE.kubernetes}"} 1`,
  ...(leader === undefined
    ? []
    : [
        "# HELP leader_election_master_status [ALPHA] Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. 'name' is the string used to identify the lease. Please make sure to group by name.",
        '# TYPE leader_election_master_status gauge',
        `leader_election_master_status{name="${leader}"} 1`,
      ]),
];
