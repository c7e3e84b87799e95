import ssh2 from 'ssh2';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Account } from '../accounts.ts';
import { matchesAddress, matchesList } from './login-policy.ts';

export interface AuthorizedKey {
  readonly key: ssh2.ParsedKey;
  /** Of `command="…"`. */
  readonly command: string | undefined;
}

export type KeySearch =
  | { readonly outcome: 'found'; readonly key: AuthorizedKey }
  | { readonly outcome: 'absent' }
  /** StrictModes will not trust the file; the text for the log. */
  | { readonly outcome: 'untrusted'; readonly reason: string };

export interface KeyQuestion {
  readonly account: Account;
  /** The key's SSH wire form. */
  readonly blob: Buffer;
  readonly address: string;
  /** `AuthorizedKeysFile`, blank between names. */
  readonly files: string;
  readonly strictModes: boolean;
}

const MAX_FILE_BYTES = 64 * 1024;

/** Looks a public key up in the account's authorized_keys (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"); `from` and `command` count. */
export async function findKey(host: SimulatedHost, question: KeyQuestion): Promise<KeySearch> {
  const { account, blob, address, files, strictModes } = question;
  for (const name of files.split(/\s+/).filter((file) => file !== 'none')) {
    const expanded = name.replaceAll('%h', account.home).replaceAll('%u', account.name).replaceAll('%%', '%');
    const path = expanded.startsWith('/') ? expanded : `${account.home.replace(/\/$/, '')}/${expanded}`;
    const read = await host.readFile(path, { maxBytes: MAX_FILE_BYTES });
    if (read.outcome !== 'read') continue;
    if (strictModes && (read.mode & 0o022) !== 0) {
      return { outcome: 'untrusted', reason: `Authentication refused: bad ownership or modes for file ${path}` };
    }
    for (const line of read.content.toString('utf8').split('\n')) {
      const parsed = parseLine(line);
      if (parsed === undefined || !parsed.key.getPublicSSH().equals(blob)) continue;
      const { from } = parsed;
      if (from !== undefined && !matchesList(from, (pattern) => matchesAddress(pattern, address))) continue;
      return { outcome: 'found', key: parsed };
    }
  }
  return { outcome: 'absent' };
}

function parseLine(line: string): (AuthorizedKey & { readonly from: string | undefined }) | undefined {
  const match = /^\s*(?:((?:[^\s"#]|"(?:[^"\\]|\\.)*")+)\s+)?((?:ssh-|ecdsa-|sk-)\S+\s+[A-Za-z0-9+/=]+)/.exec(line);
  if (match?.[2] === undefined) return undefined;
  const options = match[1] ?? '';
  if (/(?:^|,)cert-authority(?:,|$)/i.test(options)) return undefined;
  const key = ssh2.utils.parseKey(match[2]);
  if (key instanceof Error) return undefined;
  const option = (name: string) =>
    new RegExp(`(?:^|,)${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(options)?.[1]?.replaceAll('\\"', '"');
  return { key, command: option('command'), from: option('from') };
}
