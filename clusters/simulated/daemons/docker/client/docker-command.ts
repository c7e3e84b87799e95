import type { Duplex } from 'node:stream';
import type { Clock } from '../../../clock.ts';
import type { Command, SimulatedHost } from '../../../hosts/simulated-host.ts';
import { type Account, findAccount } from '../../accounts.ts';
import { TemplateError } from '../../go-template/template-error.ts';
import { DOCKER_VERSION } from '../versions.ts';
import { dockerClient, DockerClientError } from './docker-client.ts';
import { parseFlags } from './flags.ts';
import { generalHelp, groupHelp, helpOf } from './help.ts';
import { complain, type Verb } from './verb.ts';
import { BY_EVERY_NAME, refusalOfCommand, VERBS } from './verbs.ts';

const GLOBAL = {
  booleans: ['--tls', '--tlsverify', '-v --version', '-D --debug', '--help'],
  values: ['-H --host', '--tlscacert', '--tlscert', '--tlskey', '-l --log-level'],
  refused: ['c', 'config', 'context'],
};

/** `docker`: speaks to an engine as the real one does, to the local one or to one across the lab's network. */
export function dockerCommand(
  host: SimulatedHost,
  connectUnix: (path: string) => Duplex | undefined,
  clock: Clock,
): Command {
  return async (call) => {
    const global = parseFlags(call.args, GLOBAL, true);
    if (global.outcome === 'wrong') return complain(call, `${global.complaint}\nSee 'docker --help'.`, 125);
    if (global.flags.has('version')) {
      await call.stdout(`Docker version ${DOCKER_VERSION}, build breachlab\n`);
      return 0;
    }
    const { name, verb, args } = verbOf(global.words);
    if (name === '' || name === 'help' || global.flags.has('help')) {
      const of = verbOf(args);
      await call.stdout(name === 'help' && of.verb !== undefined ? helpOf(of.name, of.verb) : generalHelp(VERBS));
      return 0;
    }
    if (verb === undefined) {
      const refusal = refusalOfCommand(global.words);
      if (refusal !== undefined) return complain(call, refusal, 1);
      const group = groupHelp(name, BY_EVERY_NAME);
      if (group === undefined)
        return complain(call, `docker: '${name}' is not a docker command.\nSee 'docker --help'`, 1);
      if (args.length > 0 && args[0] !== '--help') return complain(call, `\n${group.trimEnd()}`, 1);
      await call.stdout(group);
      return 0;
    }
    const { flags = {} } = verb;
    const line = parseFlags(
      args,
      { ...flags, booleans: [...(flags.booleans ?? []), '--help'] },
      verb.stopAtWord === true,
    );
    if (line.outcome === 'wrong')
      return complain(
        call,
        line.complaint.startsWith('not simulated')
          ? `${line.complaint} of docker ${name}`
          : `${line.complaint}\nSee 'docker ${name} --help'.`,
        125,
      );
    if (line.flags.has('help')) {
      await call.stdout(helpOf(name, verb));
      return 0;
    }
    const wrong = wordsComplaint(name, verb, line.words.length);
    if (wrong !== undefined) return complain(call, wrong, 1);
    const account = call.uid === undefined ? undefined : await findAccount(host, call.uid);
    const openUnix = async (path: string) =>
      account === undefined || (await mayOpen(host, account, path, call.signal)) ? connectUnix(path) : 'denied';
    const client = dockerClient(host, call, global.flags, openUnix);
    try {
      const user = account?.user;
      return await verb.run({ host, call, user, client, flags: line.flags, words: line.words, clock });
    } catch (error) {
      if (error instanceof DockerClientError) return complain(call, error.message, 1);
      if (error instanceof TemplateError) return complain(call, templateComplaint(error), 1);
      throw error;
    }
  };
}

/** By the file itself: the socket's owner and mode are its unit's to say, and whoever's who has changed them since. Nobody is kept from what there is not. */
async function mayOpen(host: SimulatedHost, { user }: Account, path: string, signal: AbortSignal): Promise<boolean> {
  const asked = await host.spawn(['sh', '-c', '[ ! -e "$1" ] || [ -w "$1" ]', 'sh', path], { user, signal });
  for (const output of [asked.stdout, asked.stderr]) output.resume();
  return (await asked.exited) === 0;
}

const templateComplaint = ({ message }: TemplateError): string =>
  message.startsWith('not simulated') ? message : `template parsing error: ${message}`;

/** `docker container ls` and `docker ps` are one command. */
function verbOf(words: readonly string[]): { name: string; verb: Verb | undefined; args: readonly string[] } {
  const [first = '', second = ''] = words;
  const pair = `${first} ${second}`;
  if (BY_EVERY_NAME[pair] !== undefined) return { name: pair, verb: BY_EVERY_NAME[pair], args: words.slice(2) };
  return { name: first, verb: BY_EVERY_NAME[first], args: words.slice(1) };
}

/** docker/cli cli/required.go. */
function wordsComplaint(name: string, { words, usage, description }: Verb, count: number): string | undefined {
  const [least, most] = words;
  if (count >= least && count <= most) return undefined;
  const wanted =
    most === 0
      ? 'accepts no arguments'
      : least === most
        ? `requires exactly ${least} argument${least === 1 ? '' : 's'}`
        : count < least
          ? `requires at least ${least} argument${least === 1 ? '' : 's'}`
          : `requires at most ${most} argument${most === 1 ? '' : 's'}`;
  return `"docker ${name}" ${wanted}.\nSee 'docker ${name} --help'.\n\nUsage:  docker ${name} ${usage}\n\n${description}`;
}
