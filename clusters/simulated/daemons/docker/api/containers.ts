import { constants } from 'node:os';
import type { Clock } from '../../../clock.ts';
import type { EngineContainer } from '../engine-container.ts';
import { EngineRefusal } from '../refusal.ts';
import { containerDetails, containerRow } from './describe.ts';
import { type Answer, type Exchange, isTrue, jsonBody } from './exchange.ts';
import { CONTAINER_FILTERS, filtersOf, fitsContainer } from './filters.ts';
import { openOutlet } from './outlet.ts';

const NO_CONTENT: Answer = { status: 204 };
const DEFAULT_PATIENCE_S = 10;

const the = ({ engine, name }: Exchange): EngineContainer => engine.container(name);

/** A number of a query; undefined where it is none. */
function numberOf({ query }: Exchange, name: string): number | undefined {
  const text = query.get(name) ?? '';
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

export function listContainers(exchange: Exchange, clock: Clock): Answer {
  const all = isTrue(exchange, 'all');
  const wanted = filtersOf(exchange, CONTAINER_FILTERS);
  const rows = exchange.engine
    .containers()
    .filter(
      ({ state }) =>
        all || wanted.has('status') || wanted.has('exited') || state === 'running' || state === 'restarting',
    )
    .filter((container) => fitsContainer(container, wanted))
    .slice(0, numberOf(exchange, 'limit') ?? Number.POSITIVE_INFINITY);
  return { status: 200, body: rows.map((container) => containerRow(container, clock.now())) };
}

export async function createContainer(exchange: Exchange): Promise<Answer> {
  const body = await jsonBody(exchange);
  const made = exchange.engine.create(exchange.query.get('name') ?? undefined, body);
  return { status: 201, body: { Id: made.id, Warnings: [] } };
}

export const inspectContainer = (exchange: Exchange): Answer => ({
  status: 200,
  body: containerDetails(the(exchange), exchange.host),
});

export async function startContainer(exchange: Exchange): Promise<Answer> {
  const container = the(exchange);
  if (container.run !== undefined) return { status: 304 };
  await container.start();
  return NO_CONTENT;
}

export async function stopContainer(exchange: Exchange): Promise<Answer> {
  const container = the(exchange);
  if (container.state === 'exited' || container.state === 'created') return { status: 304 };
  await container.stop((numberOf(exchange, 't') ?? DEFAULT_PATIENCE_S) * 1000);
  return NO_CONTENT;
}

export async function restartContainer(exchange: Exchange): Promise<Answer> {
  const container = the(exchange);
  await container.stop((numberOf(exchange, 't') ?? DEFAULT_PATIENCE_S) * 1000);
  await container.start();
  return NO_CONTENT;
}

export async function killContainer(exchange: Exchange): Promise<Answer> {
  const asked = exchange.query.get('signal') ?? 'KILL';
  const name = `SIG${asked.toUpperCase().replace(/^SIG/, '')}`;
  const number = /^\d+$/.test(asked) ? Number(asked) : constants.signals[name as NodeJS.Signals];
  if (number === undefined) throw new EngineRefusal(400, `invalid signal: ${asked}`);
  await the(exchange).signal(number);
  return NO_CONTENT;
}

export async function removeContainer(exchange: Exchange): Promise<Answer> {
  await exchange.engine.remove(the(exchange), isTrue(exchange, 'force'));
  return NO_CONTENT;
}

export function renameContainer(exchange: Exchange): Answer {
  const container = the(exchange);
  const name = exchange.query.get('name') ?? '';
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    throw new EngineRefusal(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  if (exchange.engine.containers().some((other) => other.name === name))
    throw new EngineRefusal(409, `Conflict. The container name "/${name}" is already in use`);
  container.name = name;
  return NO_CONTENT;
}

/** Answers at once with its head, and with the status when the container has ended. */
export async function waitForContainer(exchange: Exchange): Promise<Answer | undefined> {
  const container = the(exchange);
  const condition = exchange.query.get('condition') ?? 'not-running';
  const { to } = exchange;
  if ('response' in to) {
    to.response.writeHead(200, { 'content-type': 'application/json' });
    to.response.flushHeaders();
    const StatusCode = await container.wait(condition, exchange.gone).catch(() => 0); // the client has gone
    to.response.end(`${JSON.stringify({ StatusCode })}\n`);
  }
  return undefined;
}

export async function containerLogs(exchange: Exchange): Promise<undefined> {
  const container = the(exchange);
  const [stdout, stderr] = [isTrue(exchange, 'stdout'), isTrue(exchange, 'stderr')];
  if (!stdout && !stderr) throw new EngineRefusal(400, 'Bad parameters: you must choose at least one stream');
  const tail = numberOf(exchange, 'tail');
  const since = numberOf(exchange, 'since');
  const until = (numberOf(exchange, 'until') ?? 0) * 1000 || Number.POSITIVE_INFINITY;
  const query = {
    follow: isTrue(exchange, 'follow') && container.run !== undefined,
    timestamps: isTrue(exchange, 'timestamps'),
    tailLines: tail !== undefined && tail >= 0 ? tail : undefined,
    since: since === undefined || since === 0 ? undefined : since * 1000,
    limitBytes: undefined,
  };
  const outlet = openOutlet(exchange, container.config.tty);
  for await (const line of container.log(query, exchange.gone)) {
    if (!(line.stream === 'stdout' ? stdout : stderr) || line.at > until) continue;
    const stamp = query.timestamps ? `${new Date(line.at).toISOString().slice(0, -1)}000000Z ` : '';
    outlet.show(line.stream, Buffer.concat([Buffer.from(stamp), line.bytes]));
  }
  outlet.end();
  return undefined;
}

export async function attachToContainer(exchange: Exchange): Promise<undefined> {
  const container = the(exchange);
  if (container.state === 'exited' || container.state === 'restarting')
    throw new EngineRefusal(409, 'You cannot attach to a stopped container, start it first');
  const { input, show, end } = openOutlet(exchange, container.config.tty);
  const ended = Promise.withResolvers<void>();
  using _attachment = container.attach({ output: show, ended: ended.resolve });
  if (isTrue(exchange, 'stdin') && container.config.openStdin) {
    input?.on('data', (bytes: Buffer) => container.input(bytes));
    input?.once('end', () => container.endInput());
  } else input?.resume();
  exchange.gone.addEventListener('abort', () => ended.resolve(), { once: true });
  await ended.promise;
  end();
  return undefined;
}

export function resizeContainer(exchange: Exchange): Answer {
  the(exchange).resize(numberOf(exchange, 'w') ?? 80, numberOf(exchange, 'h') ?? 24);
  return { status: 200 };
}
