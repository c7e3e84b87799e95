import { Duplex, Readable, Writable } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Shell } from '../../cluster.ts';
import type { Image } from '../images/image.ts';
import type { KubeletClient, UpgradeCall } from '../kubernetes/apiserver/kubelet-client.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import { badRequest } from '../kubernetes/status.ts';
import { EXEC_PROTOCOLS, ExecConnection } from './exec-session.ts';
import { podLog } from './pod-logs.ts';
import type { PodRuntime } from './pod-runtime.ts';
import { forwardPorts, PORT_FORWARD_PROTOCOL } from './port-forward.ts';
import { StartFailure } from './sandbox.ts';

export interface PodKubeletOptions {
  readonly runtime: PodRuntime;
  readonly images: readonly Image[];
  readonly now: () => number;
  readonly newId: () => string;
}

/** A kubectl message is at most this long (golang's websocket default of remotecommand is 32 KB pieces). */
const MAX_MESSAGE = 1024 * 1024;

/** What a client that attached may be behind its container. */
const BEHIND_BYTES = 1024 * 1024;

/** The kubelets' side of logs, exec, attach and port-forward, over what really runs and what is modelled. */
export function podKubelet(options: PodKubeletOptions): KubeletClient {
  const { runtime } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (offered) => EXEC_PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });

  return {
    log: (pod, asked, signal) => podLog(options, pod as Pod, asked, signal),
    async upgrade(object, call) {
      const pod = object as Pod;
      const offered = protocolsOf(call);
      if (call.subresource === 'portforward') {
        if (!offered.includes(PORT_FORWARD_PROTOCOL))
          throw badRequest('not simulated: port-forward other than over WebSocket');
        call.accept();
        forwardPorts(pod, call, options);
        return;
      }
      if (!EXEC_PROTOCOLS.some((protocol) => offered.includes(protocol)))
        throw badRequest(
          `not simulated: ${call.subresource} other than over WebSocket with ${EXEC_PROTOCOLS.join(' or ')}`,
        );
      call.accept();
      const connection = await new Promise<ExecConnection>((resolve) =>
        server.handleUpgrade(call.request, call.socket, call.head, (socket) => resolve(new ExecConnection(socket))),
      );
      const name = containerName(pod, call);
      const run = call.subresource === 'exec' ? exec : attach;
      run(runtime, pod, name, call, connection).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        connection.fail(error instanceof StartFailure ? execFailure(options.newId(), why) : why);
      });
    },
  };
}

const protocolsOf = ({ request }: UpgradeCall): string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());

function containerName(pod: Pod, { query }: UpgradeCall): string {
  const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const names = (pod.spec.containers ?? []).map(({ name }) => name);
  return query.get('container') || (marked !== undefined && names.includes(marked) ? marked : (names[0] ?? ''));
}

const wants = (call: UpgradeCall, stream: string): boolean => ['true', '1'].includes(call.query.get(stream) ?? '');

/** containerd's words around why a program did not start (internal/cri/server/container_execsync.go). */
const execFailure = (id: string, why: string): string =>
  `error executing command in container: failed to exec in container: failed to start exec "${id}": ` +
  `OCI runtime exec failed: exec failed: unable to start container process: ${why}`;

/** The kubelet refuses to upgrade, and the API server says so (apimachinery/pkg/util/httpstream/spdy/roundtripper.go, NewConnection). */
function refused(error: unknown): never {
  if (!(error instanceof Error) || error instanceof StartFailure) throw error;
  throw new Error(`unable to upgrade connection: ${error.message}`, { cause: error });
}

async function exec(
  runtime: PodRuntime,
  pod: Pod,
  name: string,
  call: UpgradeCall,
  connection: ExecConnection,
): Promise<void> {
  const argv = call.query.getAll('command');
  const container = await runtime.running(pod, name).catch(refused);
  const { process, launch } = await container.started;
  if (wants(call, 'tty')) {
    const shell = await process.execOnTerminal(argv, { ...launch.env, TERM: 'xterm' }, launch.cwd);
    await connection.carry({
      stdin: wants(call, 'stdin') ? keysTo(shell) : undefined,
      stdout: shell.output,
      stderr: undefined,
      resize: (cols, rows) => shell.resize(cols, rows),
    });
    void connection.closed.then(() => shell.kill()).catch(() => undefined);
    connection.exit(await Promise.race([shell.exited, connection.closed.then(() => 0)]));
    return;
  }
  const left = new AbortController();
  void connection.closed.then(() => left.abort(new Error('the client left')));
  const program = await process.exec(argv, launch.env, launch.cwd, left.signal);
  if (!wants(call, 'stdin')) program.stdin.end();
  await connection.carry({
    stdin: wants(call, 'stdin') ? program.stdin : undefined,
    stdout: wants(call, 'stdout') ? program.stdout : drain(program.stdout),
    stderr: wants(call, 'stderr') ? program.stderr : drain(program.stderr),
    resize: undefined,
  });
  connection.exit(await program.exited);
}

function drain(stream: Readable): undefined {
  stream.resume();
}

/** Joins in on the streams of a container's own process, from now on. */
async function attach(
  runtime: PodRuntime,
  pod: Pod,
  name: string,
  call: UpgradeCall,
  connection: ExecConnection,
): Promise<void> {
  const container = await runtime.running(pod, name).catch(refused);
  const { process } = await container.started;
  const { terminal } = process;
  const stdout = new Readable({ read: () => undefined });
  const stderr = new Readable({ read: () => undefined });
  using _listening = container.listen((stream, bytes) => {
    const shown = stream === 'stdout' ? stdout : stderr;
    if (shown.readableLength < BEHIND_BYTES) shown.push(bytes); // the log has what a client too slow for it misses
  });
  void container.ended.then(() => {
    stdout.push(null);
    stderr.push(null);
  });
  const stdin = terminal === undefined ? passedOn(process.stdin) : keysTo(terminal);
  await connection.carry({
    stdin: wants(call, 'stdin') ? stdin : undefined,
    stdout: wants(call, 'stdout') ? stdout : drain(stdout),
    stderr: wants(call, 'stderr') && terminal === undefined ? stderr : drain(stderr),
    resize: terminal === undefined ? undefined : (cols, rows) => terminal.resize(cols, rows),
  });
  // The container goes on when a client leaves; attaching tells no exit code, kubectl reads it from the pod.
  if (container.exit !== undefined) connection.exit(0);
}

/** A terminal that has gone takes no keys. */
const keysTo = (shell: Shell): Writable =>
  Duplex.from(async (keys: AsyncIterable<Buffer>) => {
    for await (const bytes of keys) await shell.write(bytes).catch(() => undefined);
  });

/** A client that closes its input closes the container's (stdinOnce is what `kubectl run -i` sets); a client that leaves does not. */
function passedOn(stdin: Writable | undefined): Writable | undefined {
  if (stdin === undefined) return undefined;
  return new Writable({
    write: (bytes: Buffer, _, done) => void stdin.write(bytes, () => done()),
    final: (done) => void stdin.end(() => done()),
  });
}
