/**
 * The accounts of a machine with those of a scenario laid over them, name by name: a wholesale replacement would take away the accounts of
 * systemd, sshd and containerd, or give their files to somebody else. passwd(5), group(5), shadow(5), gshadow(5).
 */
export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
  readonly shadow: string;
  readonly gshadow: string;
}

export type AccountFile = keyof AccountFiles;

export const ACCOUNT_FILES: readonly AccountFile[] = ['passwd', 'group', 'shadow', 'gshadow'];

const FIELDS: Readonly<Record<AccountFile, number>> = { passwd: 7, group: 4, shadow: 9, gshadow: 4 };

/** What login.defs(5) leaves to people. */
const FIRST_PERSON = 1000;
const NOBODY = 65_534;

type Row = readonly string[];

/**
 * - A name that the machine has keeps its number, for files belong to it; unless the scenario makes it root's (0). Its home, its shell
 *   and its password are the scenario's.
 * - A name that it does not have gets the scenario's number, or a free one where that is taken.
 * - Groups keep their members and gain the scenario's.
 */
export function mergeAccounts(machine: AccountFiles, scenario: Partial<AccountFiles>): AccountFiles {
  const seed = (file: AccountFile): Map<string, Row> => parse(file, scenario[file] ?? '');
  const groups = parse('group', machine.group);
  const gids = new Map<string, string>();
  for (const [name, row] of seed('group')) {
    const [, password = '', wanted = '', members = ''] = row;
    const known = groups.get(name);
    const gid = known === undefined || wanted === '0' ? freeNumber(wanted, numbersOf(groups)) : (known[2] ?? '');
    gids.set(wanted, gid);
    groups.set(name, [name, password, gid, union(known?.[3] ?? '', members)]);
  }

  const users = parse('passwd', machine.passwd);
  for (const [name, row] of seed('passwd')) {
    const [, password = '', wanted = '', group = '', ...rest] = row;
    const known = users.get(name);
    const keeps = known !== undefined && wanted !== '0';
    const uid = keeps ? (known[2] ?? '') : freeNumber(wanted, numbersOf(users));
    const gid = keeps ? (known[3] ?? '') : (gids.get(group) ?? group);
    users.set(name, [name, password, uid, gid, ...rest]);
  }

  const shadow = new Map([...parse('shadow', machine.shadow), ...seed('shadow')]);
  const gshadow = parse('gshadow', machine.gshadow);
  for (const [name, [, , , members = '']] of groups) {
    gshadow.set(name, [name, gshadow.get(name)?.[1] ?? '!', gshadow.get(name)?.[2] ?? '', members]);
  }
  for (const [name, row] of seed('gshadow')) gshadow.set(name, row);
  return { passwd: text(users), group: text(groups), shadow: text(shadow), gshadow: text(gshadow) };
}

/** Accounts of people, whose homes must exist and be theirs. */
export const people = (
  passwd: string,
): readonly { readonly name: string; readonly home: string; readonly gid: string }[] =>
  [...parse('passwd', passwd).values()].flatMap(([name = '', , uid = '', gid = '', , home = '']) =>
    Number(uid) >= FIRST_PERSON && Number(uid) !== NOBODY && home.startsWith('/home/') ? [{ name, home, gid }] : [],
  );

/** Lines by their name; what is no line of that file is left out. */
function parse(file: AccountFile, content: string): Map<string, Row> {
  const rows = content.split('\n').map((line) => line.split(':'));
  return new Map(rows.flatMap((row) => (row.length === FIELDS[file] && row[0] !== '' ? [[row[0] ?? '', row]] : [])));
}

const text = (rows: ReadonlyMap<string, Row>): string => [...rows.values()].map((row) => `${row.join(':')}\n`).join('');

const numbersOf = (rows: ReadonlyMap<string, Row>): ReadonlySet<string> =>
  new Set([...rows.values()].map((row) => row[2] ?? ''));

/** The wanted number, or the next one downwards in its range that nobody has. Root's may be shared. */
function freeNumber(wanted: string, taken: ReadonlySet<string>): string {
  if (wanted === '0' || !taken.has(wanted)) return wanted;
  const isPerson = Number(wanted) >= FIRST_PERSON;
  let number = isPerson ? Number(wanted) : FIRST_PERSON - 1;
  while (taken.has(String(number))) number += isPerson ? 1 : -1;
  return String(number);
}

const union = (left: string, right: string): string =>
  [...new Set([...left.split(','), ...right.split(',')])].filter((name) => name !== '').join(',');
