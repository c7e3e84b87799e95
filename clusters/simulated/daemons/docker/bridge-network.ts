import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { PodSandboxes } from '../../pods/sandbox.ts';
import { serveConnections, type Served } from '../bounded-server.ts';
import type { PublishedPort } from './container-config.ts';
import { EngineRefusal } from './refusal.ts';

export const BRIDGE = { name: 'docker0', gateway: '172.17.0.1', prefix: 16 };
const NETWORK = '172.17.0.0/16';

/** Containers' addresses: 172.17.0.2 to 172.17.0.254. */
const LAST_ADDRESS = 254;
/** Where the kernel's ephemeral ports begin, from which docker gives one that is not asked for. */
const FIRST_FREE_PORT = 32_768;

/** What dockerd puts into a node's firewall before any container (moby libnetwork/drivers/bridge/setup_ip_tables_linux.go). */
const RULES = (icc: boolean): string => `*nat
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s ${NETWORK} ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-I FORWARD 1 -j DOCKER-USER
-I FORWARD 2 -j DOCKER-ISOLATION-STAGE-1
-I FORWARD 3 -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-I FORWARD 4 -o docker0 -j DOCKER
-I FORWARD 5 -i docker0 ! -o docker0 -j ACCEPT
-I FORWARD 6 -i docker0 -o docker0 -j ${icc ? 'ACCEPT' : 'DROP'}
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
`;

export interface OpenPort extends PublishedPort {
  /** The address in front, as asked for. */
  readonly hostAddress: string;
}

/** A container's published ports, until they are closed. */
export interface BridgeEndpoint extends AsyncDisposable {
  /** With the host's ports that they were given. */
  readonly ports: readonly OpenPort[];
}

/**
 * docker0 of one node: made when the first container needs it. Published ports lead to containers by the node's own firewall, in front of
 * whatever ufw says, and for the node itself by a relay (docker-proxy).
 */
export class BridgeNetwork {
  readonly #host: SimulatedHost;
  readonly #taken = new Set<string>();
  #settings: Readonly<Record<string, unknown>> = {};
  #hasLink = false;
  /** Since dockerd was started: whoever deletes its rules later is without them. */
  #hasRules = false;

  constructor(host: SimulatedHost) {
    this.#host = host;
  }

  /** As dockerd starts, with what daemon.json says. */
  configure(settings: Readonly<Record<string, unknown>>): void {
    this.#settings = settings;
    this.#hasRules = false;
  }

  /** Gives a container an address. Its ports are published by `publish`, once it is there. Throws `EngineRefusal`. */
  async join(sandboxes: PodSandboxes): Promise<string> {
    const links = this.#hasLink
      ? ''
      : `link add docker0 type bridge forward_delay 0\naddr add ${BRIDGE.gateway}/${BRIDGE.prefix} dev docker0\nlink set docker0 up\n`;
    const isRuled = this.#hasRules || !this.#rules || (await this.#isRuled());
    if (links !== '' || !isRuled)
      await sandboxes.changeNodeNetwork(this.#host.name, {
        links,
        rules: isRuled ? '' : RULES(this.#settings['icc'] !== false),
      });
    this.#hasLink = this.#hasRules = true;
    for (let last = 2; last <= LAST_ADDRESS; last++) {
      const address = `172.17.0.${last}`;
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      return address;
    }
    throw new EngineRefusal(500, "no available IPv4 addresses on this network's address pools: bridge");
  }

  leave(address: string): void {
    this.#taken.delete(address);
  }

  /** Publishes the ports of a container that has that address. Throws `EngineRefusal`; then none of them is open. */
  async publish(
    { id, name, address }: { id: string; name: string; address: string },
    ports: readonly PublishedPort[],
    sandboxes: PodSandboxes,
  ): Promise<BridgeEndpoint> {
    const endpoint = `driver failed programming external connectivity on endpoint ${name} (${id})`;
    await using open = new AsyncDisposableStack();
    const given: OpenPort[] = [];
    for (const port of ports) {
      const { server, hostPort } = await this.#relay(port, address, endpoint);
      open.use(server);
      given.push({ ...port, hostPort });
    }
    if (given.length > 0 && this.#rules) {
      try {
        await sandboxes.changeNodeNetwork(this.#host.name, { links: '', rules: portRules('-A', address, given) });
      } catch (cause) {
        const why = cause instanceof Error ? cause.message.replace(/^[\w-]+: status \d+: /, '').trim() : String(cause);
        throw new EngineRefusal(500, `${endpoint}: (iptables failed: ${why})`, { cause });
      }
      open.defer(
        () =>
          sandboxes
            .changeNodeNetwork(this.#host.name, { links: '', rules: portRules('-D', address, given) })
            .catch(() => undefined), // whoever rules the node has deleted them before
      );
    }
    const all = open.move();
    return { ports: given, [Symbol.asyncDispose]: () => all.disposeAsync() };
  }

  get #rules(): boolean {
    return this.#settings['iptables'] !== false;
  }

  async #isRuled(): Promise<boolean> {
    const listed = await this.#host.exec(['iptables', '-t', 'nat', '-n', '-L', 'DOCKER'], {
      signal: AbortSignal.timeout(5000),
    });
    return listed.exitCode === 0;
  }

  /** docker-proxy: what connects to the node itself is carried over. */
  async #relay(
    { hostAddress, hostPort, port }: PublishedPort,
    address: string,
    endpoint: string,
  ): Promise<{ server: Served; hostPort: number }> {
    const candidates = hostPort === 0 ? Array.from({ length: 200 }, (_, i) => FIRST_FREE_PORT + i) : [hostPort];
    for (const candidate of candidates) {
      try {
        const listening = await this.#host.listen(candidate, hostAddress);
        const server = serveConnections(listening, (socket) => {
          this.#host
            .dial(address, port, AbortSignal.timeout(5000))
            .then((dialled) => {
              if (dialled.outcome !== 'open') return socket.destroy();
              dialled.socket.on('error', () => socket.destroy());
              socket.once('close', () => dialled.socket.destroy());
              return socket.pipe(dialled.socket).pipe(socket);
            })
            .catch(() => socket.destroy());
        });
        return { server, hostPort: candidate };
      } catch (error) {
        const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (isTaken && hostPort === 0) continue;
        const why = isTaken
          ? `Bind for ${hostAddress}:${candidate} failed: port is already allocated`
          : `Error starting userland proxy: listen tcp4 ${hostAddress}:${candidate}: bind: cannot assign requested address`;
        throw new EngineRefusal(500, `${endpoint}: ${why}`, { cause: error });
      }
    }
    throw new EngineRefusal(500, `${endpoint}: all ports are allocated`);
  }
}

function portRules(action: '-A' | '-D', address: string, ports: readonly OpenPort[]): string {
  const nat = ports.flatMap(({ hostAddress, hostPort, port }) => {
    const destination = hostAddress === '0.0.0.0' ? '' : `-d ${hostAddress}/32 `;
    return [
      `${action} POSTROUTING -s ${address}/32 -d ${address}/32 -p tcp -m tcp --dport ${port} -j MASQUERADE`,
      `${action} DOCKER ${destination}! -i docker0 -p tcp -m tcp --dport ${hostPort} -j DNAT --to-destination ${address}:${port}`,
    ];
  });
  const filter = ports.map(
    ({ port }) => `${action} DOCKER -d ${address}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport ${port} -j ACCEPT`,
  );
  return ['*nat', ...nat, 'COMMIT', '*filter', ...filter, 'COMMIT', ''].join('\n');
}
