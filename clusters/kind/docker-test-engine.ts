import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { connectEngine, type Engine } from './docker/engine.ts';
import { writeTestImage } from './docker-test-image.ts';

/**
 * For tests: a real Docker Engine. It runs in namespaces of its own, so its bridges, firewall rules and mounts are nowhere else, and all
 * of it, containers too, is gone with the process that owns it.
 */
export interface TestDocker {
  readonly engine: Engine;
  readonly socketPath: string;
  /** The reference of an image as `docker-test-image.ts` makes it. */
  readonly image: string;
  /** What to put before a command that shall run on the Docker host: in its network. */
  readonly onItsMachine: readonly string[];
}

const TEST_IMAGE = 'breachlab-test:1';

const NEEDED = ['dockerd', 'containerd', 'runc', 'docker-init', 'unshare', 'nsenter', 'dpkg'];
const POLL_MS = 50;
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

/** Why there can be none here; put `whyNoDocker` into the title of what is skipped. */
export const dockerIsMissing = missing() !== undefined;
export const whyNoDocker = dockerIsMissing ? ` (skipped: ${missing()})` : '';

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'dockerd needs root';
  const absent = NEEDED.filter((name) => !PATH.split(':').some((folder) => existsSync(join(folder, name))));
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')} (apt-get install docker.io)`;
}

/** Says that nobody has the name: Docker 20.10 never answers when its own name server does not, and a program waits ten seconds. */
const NAME_SERVER = `
socket(my $socket, 2, 2, 0) or die $!;
bind($socket, pack("S n C4 x8", 2, 53, 10, 255, 255, 53)) or die $!;
while (my $from = recv($socket, my $question, 512, 0)) {
  send($socket, substr($question, 0, 2) . pack("n", 0x8183) . substr($question, 4), 0, $from);
}`;

/** $1: process that it lives as long as; $2: its folder; $3: address pool; $4: size of its disk, or nothing; $5: its name server. */
const KEEPER = `
unshare --net --mount --propagation private --pid --fork --kill-child --mount-proc sh -c '
  ip link set lo up
  ip address add 10.255.255.53/32 dev lo
  perl -e "$4" &
  if [ -n "$3" ]; then mkdir "$1/data" && mount -t tmpfs -o size=$3 none "$1/data"; fi
  exec dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" -H "unix://$1/docker.sock" \\
    --bridge none --default-address-pool "base=$2,size=24" --dns 10.255.255.53 --log-level warn
' dockerd "$2" "$3" "$4" "$5" > "$2/log" 2>&1 &
echo $! > "$2/namespaces"
tail --pid="$1" -s 0.2 -f /dev/null &
wait -n
kill -KILL %1 %2 2> /dev/null
wait
rm -rf "$2"
`;

/**
 * The Docker that all test files of a run share: the first that asks starts it, and it ends with the run, that is with the process
 * that started this worker. Whoever uses it removes what it made; labs have ids of their own. Takes about six seconds the first time.
 */
export async function sharedDocker(): Promise<TestDocker> {
  const folder = join(tmpdir(), `breachlab-docker-${process.ppid}`);
  const outcome = join(folder, 'outcome');
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const failure = await startShared(folder).then(
      () => '',
      (error: unknown) => String(error),
    );
    await writeFile(`${outcome}.new`, failure);
    await rename(`${outcome}.new`, outcome);
  }
  while (!existsSync(outcome)) await after(POLL_MS);
  const failure = await readFile(outcome, 'utf8');
  if (failure !== '') throw new Error(failure);
  return testDocker(folder);
}

async function startShared(folder: string): Promise<void> {
  await start(folder, process.ppid, '10.200.0.0/16');
  await importTestImage(await testDocker(folder));
}

export interface OwnDocker extends TestDocker, AsyncDisposable {
  /** Ends it as a crash would, containers too. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** A Docker to be mistreated, without an image. `diskSize` as tmpfs takes it: `24m`. */
export async function startOwnDocker({ diskSize }: { diskSize?: string } = {}): Promise<OwnDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-docker-'));
  const ended = await start(folder, process.pid, '10.199.0.0/16', diskSize);
  const docker = await testDocker(folder);
  const kill = async (): Promise<void> => {
    const namespaces = await readFile(join(folder, 'namespaces'), 'utf8').catch(() => '');
    if (namespaces !== '') process.kill(Number(namespaces), 'SIGKILL');
    await ended.promise;
  };
  return { ...docker, kill, [Symbol.asyncDispose]: kill };
}

/** Makes the image in it. */
export async function importTestImage({ engine, socketPath, image }: TestDocker): Promise<void> {
  const archive = `${socketPath}.image.tar`;
  await writeTestImage(archive);
  const [repo, tag] = image.split(':');
  const changes = 'CMD ["sleep", "infinity"]';
  const said = await engine.docker.importImage(createReadStream(archive), { repo, tag, changes });
  for await (const line of said) if (/"error"/.test(String(line))) throw new Error(`the test image: ${String(line)}`);
  await rm(archive);
}

/** Resolves once it answers; then `promise` resolves when it has ended. */
async function start(folder: string, owner: number, pool: string, diskSize = ''): Promise<{ promise: Promise<void> }> {
  const words = ['-c', KEEPER, 'sh', String(owner), folder, pool, diskSize, NAME_SERVER];
  const keeper = spawn('bash', words, { detached: true, stdio: 'ignore', env: { PATH } });
  keeper.unref();
  const promise = new Promise<void>((resolve) => void keeper.once('exit', () => resolve()));
  let log = '';
  while (!existsSync(join(folder, 'docker.sock'))) {
    log = await readFile(join(folder, 'log'), 'utf8').catch(() => log);
    if (keeper.exitCode !== null) throw new Error(`dockerd did not start: ${log.slice(-2000)}`);
    await after(POLL_MS);
  }
  return { promise };
}

async function testDocker(folder: string): Promise<TestDocker> {
  const socketPath = join(folder, 'docker.sock');
  const namespaces = (await readFile(join(folder, 'namespaces'), 'utf8')).trim();
  const [pid = ''] = (await readFile(`/proc/${namespaces}/task/${namespaces}/children`, 'utf8')).split(' ');
  return {
    engine: await connectEngine({ socketPath }, AbortSignal.timeout(30_000)),
    socketPath,
    image: TEST_IMAGE,
    onItsMachine: ['nsenter', `--target=${pid}`, '--net', '--'],
  };
}
