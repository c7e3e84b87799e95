import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { EngineContainer } from '../engine-container.ts';
import { EngineRefusal } from '../refusal.ts';
import type { Answer, Exchange } from './exchange.ts';

/** Copying to and from containers that run, with their own tar; what has ended has left nothing. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** As Go's os.FileMode: permission bits, and the top bit for a folder. */
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

const MAX_STAT = 4096;
const GO_FOLDER = 0x80000000;

function running({ engine, name }: Exchange): { container: EngineContainer; run: NonNullable<EngineContainer['run']> } {
  const container = engine.container(name);
  const { run } = container;
  if (run === undefined) throw new EngineRefusal(501, 'not simulated: docker cp of a container that does not run');
  return { container, run };
}

async function statOf(exchange: Exchange): Promise<PathStat> {
  const path = posix.resolve('/', exchange.query.get('path') ?? '/');
  const { container, run } = running(exchange);
  const program = await run.process.exec(['stat', '-c', '%f %s %Y', path], run.env, '/', exchange.gone);
  program.stdin.end();
  let said = '';
  program.stdout.on('data', (bytes: Buffer) => (said = `${said}${String(bytes)}`.slice(0, MAX_STAT)));
  const [, mode, size, seconds] = /^([0-9a-f]+) (\d+) (\d+)/.exec((await program.exited) === 0 ? said : '') ?? [];
  if (mode === undefined)
    throw new EngineRefusal(404, `Could not find the file ${path} in container ${container.name}`);
  const bits = Number.parseInt(mode, 16);
  return {
    name: posix.basename(path),
    size: Number(size),
    mode: ((bits & 0o777) | ((bits & 0o170000) === 0o040000 ? GO_FOLDER : 0)) >>> 0,
    mtime: new Date(Number(seconds) * 1000).toISOString(),
    linkTarget: '',
  };
}

export async function statArchive(exchange: Exchange): Promise<undefined> {
  const stat = await statOf(exchange);
  if ('response' in exchange.to) exchange.to.response.writeHead(200, statHeader(stat)).end();
  return undefined;
}

const statHeader = (stat: PathStat): Record<string, string> => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
});

export async function readArchive(exchange: Exchange): Promise<undefined> {
  const stat = await statOf(exchange);
  const { run } = running(exchange);
  const path = posix.resolve('/', exchange.query.get('path') ?? '/');
  const argv = ['tar', '-c', '-f', '-', '-C', posix.dirname(path), posix.basename(path) || '.'];
  const program = await run.process.exec(argv, run.env, '/', exchange.gone);
  program.stdin.end();
  if (!('response' in exchange.to)) return undefined;
  const { response } = exchange.to;
  response.writeHead(200, { 'content-type': 'application/x-tar', ...statHeader(stat) });
  program.stdout.pipe(response);
  await program.exited;
  return undefined;
}

export async function writeArchive(exchange: Exchange): Promise<Answer> {
  const { run } = running(exchange);
  const path = posix.resolve('/', exchange.query.get('path') ?? '/');
  const program = await run.process.exec(['tar', '-x', '-f', '-', '-C', path], run.env, '/', exchange.gone);
  program.stdin.on('error', () => undefined); // tar has ended, and says why
  (exchange.request as Readable).pipe(program.stdin);
  let said = '';
  program.stderr.on('data', (bytes: Buffer) => (said = `${said}${String(bytes)}`.slice(0, MAX_STAT)));
  if ((await program.exited) !== 0) throw new EngineRefusal(500, said.trim());
  return { status: 200 };
}
