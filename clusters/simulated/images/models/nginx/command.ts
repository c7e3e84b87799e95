import type { ImageProgram } from '../program.ts';
import { configPathOf, loadNginx } from './load.ts';
import { timeOf, versionOf } from './nginx.ts';
import { Emergency } from './parse.ts';

const SIGNALS = ['stop', 'quit', 'reopen', 'reload'];

/** `nginx` run by hand in its container: `-t`, `-T`, `-v` and `-s` (https://nginx.org/en/docs/switches.html). */
export const nginxCommand: ImageProgram = async (call, context) => {
  const { args } = call;
  const complain = async (text: string): Promise<number> => {
    await call.stderr(`nginx: ${text}\n`);
    return 1;
  };
  const odd = args.find((word, i) => !isKnown(word) && !takesValue(args[i - 1]));
  if (odd !== undefined) return complain(`invalid option: "${odd.replace(/^-/, '')}"`);
  if (args.includes('-V')) return complain('not simulated: with what it was built; there is nginx -v');
  if (args.includes('-v')) {
    await call.stderr(`nginx version: ${versionOf(context.tag)}\n`);
    return 0;
  }
  const signal = valueOf('-s', args);
  if (signal !== undefined && !SIGNALS.includes(signal)) return complain(`invalid option: "-s ${signal}"`);
  const path = configPathOf(args);
  const isTest = args.includes('-t') || args.includes('-T');
  const read: [file: string, text: string][] = [];
  try {
    await loadNginx(path, context, (file, text) => void read.push([file, text]));
  } catch (error) {
    if (!(error instanceof Emergency)) throw error;
    await complain(`[emerg] ${error.message}`);
    return isTest ? complain(`configuration file ${path} test failed`) : 1;
  }
  if (isTest) {
    if (!args.includes('-q')) {
      await call.stderr(`nginx: the configuration file ${path} syntax is ok\n`);
      await call.stderr(`nginx: configuration file ${path} test is successful\n`);
    }
    if (args.includes('-T'))
      for (const [file, text] of read) await call.stdout(`# configuration file ${file}:\n${text}\n`);
    return 0;
  }
  const { server } = context;
  if (signal === undefined) {
    if (server === undefined)
      return complain('not simulated: a server run by hand; the container has one of its own if it runs its image');
    return complain('[emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)');
  }
  if (server === undefined) return complain('[error] open() "/run/nginx.pid" failed (2: No such file or directory)');
  await call.stderr(`${timeOf(context.now())} [notice] 1#1: signal process started\n`);
  if (signal === 'reload') await server.reload();
  else if (signal !== 'reopen') server.stop();
  return 0;
};

const FLAGS = ['-t', '-T', '-q', '-v', '-V'];
const WITH_VALUE = ['-s', '-c', '-g', '-p', '-e'];

const isKnown = (word: string): boolean => FLAGS.includes(word) || WITH_VALUE.includes(word);
const takesValue = (word: string | undefined): boolean => word !== undefined && WITH_VALUE.includes(word);

function valueOf(flag: string, args: readonly string[]): string | undefined {
  const at = args.indexOf(flag);
  return at < 0 ? undefined : (args[at + 1] ?? '');
}
