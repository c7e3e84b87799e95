import type { AuthContext, Connection as SshConnection, KeyboardAuthContext } from 'ssh2';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { checkPassword, findAccount, type Account } from '../accounts.ts';
import { findKey } from './authorized-keys.ts';
import type { Directive } from './config-file.ts';
import { isYes, offeredMethods, refusalOf, value, type Connection } from './login-policy.ts';

export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
}

export interface Login {
  readonly account: Account;
  readonly connection: Connection;
  /** `command="…"` of the key that was used. */
  readonly keyCommand: string | undefined;
}

export interface AuthenticationRequest {
  readonly host: SimulatedHost;
  readonly client: SshConnection;
  readonly peer: Peer;
  readonly directives: readonly Directive[];
  readonly log: (line: string) => void;
}

type Attempt = { readonly accepted: boolean; readonly keyCommand?: string | undefined };

const NO: Attempt = { accepted: false };

/**
 * Answers a client's authentication requests as sshd would (auth2.c), under the configuration sshd was started with.
 * Calls back once with who has logged in.
 */
export function authenticate(request: AuthenticationRequest, loggedIn: (login: Login) => void): void {
  const { host, client, peer, directives, log } = request;
  let failures = 0;
  const answer = async (context: AuthContext): Promise<void> => {
    const account = await findAccount(host, context.username);
    const connection: Connection = { user: context.username, groups: account?.groups ?? [], ...peer };
    const methods = offeredMethods(directives, connection);
    if (context.method === 'none') return context.reject(methods);
    const from = `${account === undefined ? 'invalid user ' : ''}${context.username} from ${peer.address} port ${peer.port} ssh2`;
    const offered = methods.some((method) => method === context.method);
    const attempt = offered ? await tryMethod(request, context, account, connection) : NO;
    const query = context.method === 'publickey' && context.signature === undefined;
    if (attempt.accepted && account !== undefined) {
      if (!query) {
        log(`Accepted ${context.method}${context.method === 'keyboard-interactive' ? '/pam' : ''} for ${from}`);
        loggedIn({ account, connection, keyCommand: attempt.keyCommand });
      }
      return context.accept();
    }
    failures += 1;
    if (context.method !== 'publickey')
      log(`Failed ${context.method === 'password' ? 'password' : 'keyboard-interactive/pam'} for ${from}`);
    if (failures >= Number(value(directives, 'maxauthtries', connection))) {
      log(`error: maximum authentication attempts exceeded for ${from} [preauth]`);
      client.end();
      return undefined;
    }
    return context.reject(methods);
  };
  client.on('authentication', (context) => {
    answer(context).catch((error: unknown) => {
      log(`error: ${error instanceof Error ? error.message : String(error)}`);
      context.reject();
    });
  });
}

async function tryMethod(
  request: AuthenticationRequest,
  context: AuthContext,
  account: Account | undefined,
  connection: Connection,
): Promise<Attempt> {
  const { host, directives, log, peer } = request;
  if (account === undefined) {
    log(`Invalid user ${context.username} from ${peer.address} port ${peer.port}`);
    // Prompts all the same, so that a guesser learns nothing from a missing prompt.
    if (context.method === 'keyboard-interactive') await promptPassword(context);
    return NO;
  }
  const refusal = refusalOf(directives, connection);
  if (refusal !== undefined) log(refusal);
  const root = account.name === 'root' ? value(directives, 'permitrootlogin', connection).toLowerCase() : 'yes';
  const allowed = refusal === undefined && root !== 'no';
  switch (context.method) {
    case 'password':
    case 'keyboard-interactive': {
      // Without PAM there is no device that could ask (auth2-chall.c).
      if (context.method === 'keyboard-interactive' && !isYes(directives, 'usepam')) return NO;
      const password = context.method === 'password' ? context.password : await promptPassword(context);
      const empty = isYes(directives, 'permitemptypasswords', connection);
      const right = await checkPassword(host, account.name, password, empty);
      if (right && root !== 'yes') log(`ROOT LOGIN REFUSED FROM ${peer.address} port ${peer.port}`);
      return { accepted: right && allowed && root === 'yes' };
    }
    case 'publickey': {
      const { key, signature, blob, hashAlgo } = context;
      const files = value(directives, 'authorizedkeysfile', connection);
      const strictModes = isYes(directives, 'strictmodes');
      const found = await findKey(host, { account, blob: key.data, address: peer.address, files, strictModes });
      if (found.outcome === 'untrusted') log(found.reason);
      if (found.outcome !== 'found') return NO;
      if (root === 'forced-commands-only' && found.key.command === undefined) return NO;
      if (signature === undefined || blob === undefined) return { accepted: allowed };
      // ssh2 declares a boolean and returns an Error for a malformed signature, which is truthy.
      const verified: unknown = found.key.key.verify(blob, signature, hashAlgo);
      return { accepted: verified === true && allowed, keyCommand: found.key.command };
    }
    default:
      return NO;
  }
}

/** Asks as pam_unix does; what a client answers to no prompt at all is an empty password. */
function promptPassword(context: KeyboardAuthContext): Promise<string> {
  return new Promise((resolve) => {
    context.once('abort', () => resolve(''));
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => resolve(answers[0] ?? ''));
  });
}
