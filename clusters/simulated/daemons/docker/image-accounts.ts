import { EngineRefusal } from './refusal.ts';

export interface Account {
  /** As its line in passwd has it; undefined for a number that has none. */
  readonly name?: string;
  readonly uid: number;
  readonly gid: number;
  /** With the first one. */
  readonly groups: readonly number[];
  readonly home: string;
}

/**
 * Whom `USER` or `--user` names (`app`, `1000`, `app:staff`, `1000:1000`), by an image's own passwd and group. Throws `EngineRefusal` in the runtime's
 * words for a name that is not there (moby/sys user.GetExecUser).
 */
export function accountOf(user: string, passwd: string, group: string): Account {
  const [name = '', groupName] = user === '' ? ['0'] : user.split(':');
  const line = fieldsOf(passwd).find(([own, , uid]) => own === name || uid === name);
  if (line === undefined && !/^\d+$/.test(name))
    throw new EngineRefusal(400, `unable to find user ${name}: no matching entries in passwd file`);
  const groups = fieldsOf(group);
  const named = groups.find(([own, , gid]) => own === groupName || gid === groupName);
  if (groupName !== undefined && named === undefined && !/^\d+$/.test(groupName))
    throw new EngineRefusal(400, `unable to find group ${groupName}: no matching entries in group file`);
  const uid = Number(line?.[2] ?? name);
  const gid = groupName === undefined ? Number(line?.[3] ?? 0) : Number(named?.[2] ?? groupName);
  const further = groups
    .filter(([, , , members = '']) => line !== undefined && members.split(',').includes(line[0] ?? ''))
    .map(([, , number]) => Number(number));
  return {
    ...(line?.[0] === undefined ? {} : { name: line[0] }),
    uid,
    gid,
    groups: [...new Set([gid, ...(groupName === undefined ? further : [])])],
    home: line?.[5] ?? '/',
  };
}

const fieldsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'));

/**
 * The words by which root in a container runs a program as that account: busybox has nothing else that becomes somebody and asks no questions.
 * Throws `EngineRefusal` for a number that has no name.
 */
export function argvAs(account: Account, argv: readonly string[]): readonly string[] {
  if (account.uid === 0) return argv;
  if (account.name === undefined)
    throw new EngineRefusal(501, `not simulated: a program as a user without a name, ${account.uid}`);
  return [
    'start-stop-daemon',
    '-S',
    '-p',
    '/nonexistent',
    '-c',
    account.name,
    '-a',
    argv[0] ?? '',
    '--',
    ...argv.slice(1),
  ];
}
