import { EngineRefusal } from '../refusal.ts';
import { type Answer, type Exchange, jsonBody } from './exchange.ts';

/** Where docker keeps its volumes; those of a lab are folders there, on the node's own disk. */
const VOLUMES = '/var/lib/docker/volumes';
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** What the API tells of a volume; when it was made nobody wrote down. */
const described = (name: string): object => ({
  Driver: 'local',
  Labels: null,
  Mountpoint: `${VOLUMES}/${name}/_data`,
  Name: name,
  Options: null,
  Scope: 'local',
});

const namesOf = async ({ engine }: Exchange): Promise<readonly string[]> =>
  ((await engine.host.listFolder(VOLUMES)) ?? []).filter((name) => NAME.test(name)).toSorted();

export async function listVolumes(exchange: Exchange): Promise<Answer> {
  return { status: 200, body: { Volumes: (await namesOf(exchange)).map(described), Warnings: null } };
}

export async function createVolume(exchange: Exchange): Promise<Answer> {
  const body = (await jsonBody(exchange)) as Readonly<Record<string, unknown>>;
  const { Name, Driver = 'local', DriverOpts } = body;
  const name = typeof Name === 'string' && Name !== '' ? Name : exchange.engine.newId();
  if (!NAME.test(name))
    throw new EngineRefusal(
      400,
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
  if (
    Driver !== 'local' ||
    (typeof DriverOpts === 'object' && DriverOpts !== null && Object.keys(DriverOpts).length > 0)
  )
    throw new EngineRefusal(501, 'not simulated: drivers of volumes and their options');
  await exchange.engine.host.pathKind(`${VOLUMES}/${name}/_data`, 'folder');
  return { status: 201, body: described(name) };
}

async function the(exchange: Exchange): Promise<string> {
  const { name } = exchange;
  if (!(await namesOf(exchange)).includes(name)) throw new EngineRefusal(404, `get ${name}: no such volume`);
  return name;
}

export async function inspectVolume(exchange: Exchange): Promise<Answer> {
  return { status: 200, body: described(await the(exchange)) };
}

export async function removeVolume(exchange: Exchange): Promise<Answer> {
  const { engine, gone } = exchange;
  const name = await the(exchange);
  const users = engine
    .containers()
    .filter(({ config }) => config.mounts.some(({ source }) => source === `${VOLUMES}/${name}/_data`));
  if (users.length > 0)
    throw new EngineRefusal(409, `remove ${name}: volume is in use - [${users.map(({ id }) => id).join(', ')}]`);
  const program = await engine.host.spawn(['rm', '-rf', '--', `${VOLUMES}/${name}`], { signal: gone });
  program.stdin.end();
  program.stdout.resume();
  program.stderr.resume();
  await program.exited;
  return { status: 204 };
}
