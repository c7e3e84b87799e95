import { BASE_ENVIRONMENT } from '../../../keeper/base-environment.ts';
import type { Command } from '../../hosts/simulated-host.ts';
import { checkPassword, findAccount } from '../accounts.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import { askPassword } from './password.ts';
import { runAs } from './run-as.ts';
import type { PrivilegeRequest } from './sudo.ts';

const OPTIONS = optionTable('-l --login', '-c --command=', '-s --shell=', '-m -p --preserve-environment', '-P --pty');

/** `su` of whoever is not root, who has to know the password; the words are those of util-linux 2.38 (login-utils/su-common.c). */
export function su({ host, newId }: PrivilegeRequest): Command {
  return async (call) => {
    const say = async (text: string): Promise<number> => {
      await call.stderr(`${text}\n`);
      return 1;
    };
    const line = parseLine(
      call.args.map((word) => (word === '-' ? '-l' : word)),
      OPTIONS,
    );
    if (line.outcome === 'wrong') return say(`su: ${line.complaint}\nTry 'su --help' for more information.`);
    const [name = 'root', ...args] = line.words;
    const account = await findAccount(host, name);
    if (account === undefined)
      return say(`su: user ${name} does not exist or the user entry does not contain all the required fields`);
    const password = await askPassword(call, 'Password: ');
    if (password === undefined || !(await checkPassword(host, account.name, password, false)))
      return say('su: Authentication failure');
    const login = line.options.has('login');
    const command = lastOption(line.options, 'command');
    const shell = lastOption(line.options, 'shell') ?? account.shell;
    return runAs({
      host,
      call,
      newId,
      account,
      argv: [shell, ...(login ? ['-l'] : []), ...(command === undefined ? [] : ['-c', command]), ...args],
      cwd: login ? account.home : call.cwd,
      env: {
        ...(call.env['TERM'] === undefined ? {} : { TERM: call.env['TERM'] }),
        PATH: BASE_ENVIRONMENT.PATH,
        HOME: account.home,
        USER: account.name,
        LOGNAME: account.name,
        SHELL: shell,
      },
    });
  };
}
