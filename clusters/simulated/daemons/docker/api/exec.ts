import { z } from 'zod';
import { EngineRefusal } from '../refusal.ts';
import { type Answer, type Exchange, jsonBody } from './exchange.ts';
import { openOutlet } from './outlet.ts';

const ExecBody = z.object({
  Cmd: z.array(z.string()).nullish(),
  Tty: z.boolean().nullish(),
  Env: z.array(z.string()).nullish(),
  User: z.string().nullish(),
  WorkingDir: z.string().nullish(),
});

export async function createExec(exchange: Exchange): Promise<Answer> {
  const container = exchange.engine.container(exchange.name);
  const body = ExecBody.safeParse(await jsonBody(exchange));
  if (!body.success) throw new EngineRefusal(400, 'invalid JSON: the body is no exec configuration');
  const { Cmd, Tty, Env, User, WorkingDir } = body.data;
  const config = { argv: Cmd ?? [], tty: Tty === true, env: Env ?? [], workingDir: WorkingDir ?? '', user: User ?? '' };
  return { status: 201, body: { Id: exchange.engine.createExec(container, config).id } };
}

export async function startExec(exchange: Exchange): Promise<Answer | undefined> {
  const session = exchange.engine.session(exchange.name);
  const body = (await jsonBody(exchange)) as { readonly Detach?: unknown };
  if (body.Detach === true) {
    void session.start(undefined, undefined, new AbortController().signal).catch(() => undefined); // its status tells
    return { status: 200 };
  }
  session.mustStart();
  const outlet = openOutlet(exchange, session.config.tty);
  await session.start(outlet.input, outlet, exchange.gone);
  outlet.end();
  return undefined;
}

export function inspectExec({ engine, name }: Exchange): Answer {
  const { id, isRunning, exitCode = null, config, container } = engine.session(name);
  const [entrypoint = '', ...args] = config.argv;
  return {
    status: 200,
    body: {
      ID: id,
      Running: isRunning,
      ExitCode: exitCode,
      ProcessConfig: { tty: config.tty, entrypoint, arguments: args },
      ContainerID: container.id,
    },
  };
}

export function resizeExec({ engine, name, query }: Exchange): Answer {
  engine.session(name).resize(Number(query.get('w')) || 80, Number(query.get('h')) || 24);
  return { status: 200 };
}
