import type { Duplex } from 'node:stream';
import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { optionTable, parseLine, type OptionTable } from '../command-line.ts';
import { dockerClient, DockerClientError } from './docker-client.ts';
import {
  complain,
  inspect,
  listContainers,
  listImages,
  remove,
  runContainer,
  showInfo,
  showLogs,
  showVersion,
  type DockerRequest,
} from './docker-verbs.ts';
import { DOCKER_VERSION } from './engine-api.ts';

const GLOBAL = optionTable(
  '-H --host=',
  '--tls',
  '--tlsverify',
  '--tlscacert=',
  '--tlscert=',
  '--tlskey=',
  '-v --version',
  '-D --debug',
  '-l --log-level=',
);
const LISTING = optionTable('-a --all', '-q --quiet', '--no-trunc');
const RUN = optionTable(
  '-d --detach',
  '-i --interactive',
  '-t --tty',
  '--rm',
  '--privileged',
  '-v --volume=',
  '--name=',
  '-u --user=',
  '--pid=',
  '--network=',
  '--net=',
  '--entrypoint=',
  '-e --env=',
);

type Verb = {
  readonly table: OptionTable;
  readonly stopAtWord?: boolean;
  readonly run: (request: DockerRequest) => Promise<number>;
};

const VERBS: Readonly<Record<string, Verb>> = {
  ps: { table: LISTING, run: listContainers },
  images: { table: LISTING, run: listImages },
  info: { table: {}, run: showInfo },
  version: { table: {}, run: showVersion },
  inspect: { table: {}, run: inspect },
  logs: { table: {}, run: ({ client, call, words }) => showLogs(client, call, words[0] ?? '') },
  rm: { table: optionTable('-f --force'), run: remove },
  run: { table: RUN, stopAtWord: true, run: runContainer },
};

const NOT_SIMULATED = new Set(
  'attach build builder buildx commit compose config container context cp create diff events exec export history image import kill load login logout manifest network node pause plugin port pull push rename restart rmi save search secret service stack start stats stop swarm system tag top trust unpause update volume wait'.split(
    ' ',
  ),
);

/** `docker`: a few commands that really speak to an engine, the local one or one across the lab's network. */
export function dockerCommand(
  host: SimulatedHost,
  connectUnix: (path: string) => Duplex | undefined,
  clock: Clock,
): Command {
  return async (call) => {
    const global = parseLine(call.args, GLOBAL, { stopAtWord: true });
    if (global.outcome === 'wrong')
      return complain(call, `unknown flag: ${global.argument}\nSee 'docker --help'.`, 125);
    if (global.options.has('version')) {
      await call.stdout(`Docker version ${DOCKER_VERSION}, build breachlab\n`);
      return 0;
    }
    const [name = '', ...args] = global.words;
    const verb = VERBS[name];
    if (verb === undefined) {
      const refusal =
        name === '' || NOT_SIMULATED.has(name)
          ? `not simulated: docker ${name}; there are ${Object.keys(VERBS).join(', ')}`
          : `docker: '${name}' is not a docker command.\nSee 'docker --help'`;
      return complain(call, refusal, 1);
    }
    const line = parseLine(args, verb.table, { stopAtWord: verb.stopAtWord === true });
    if (line.outcome === 'wrong') return complain(call, `not simulated: docker ${name} ${line.argument}`, 125);
    const client = dockerClient(host, call, global.options, connectUnix);
    try {
      return await verb.run({ call, client, options: line.options, words: line.words, clock });
    } catch (error) {
      if (error instanceof DockerClientError) return complain(call, error.message, name === 'run' ? 125 : 1);
      throw error;
    }
  };
}
