import { Client, type AuthHandlerMiddleware } from 'ssh2';
import type { Duplex } from 'node:stream';
import type { Lab } from '../../clusters/cluster.ts';
import { HostName } from '../../protocol/host.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { withFreshKey } from './fresh-key.ts';
import { messageOf, type Observation, observed, unobservable, within } from './observation.ts';
import { connected } from './origin.ts';

const LAB_KEY = '/root/.ssh/id_ed25519';
const HOW = { 'lab-key': 'the lab key', 'fresh-key': 'a key that is let in for now' } as const;

type SshLogin = Extract<Probe, { kind: 'ssh-login' }>;

/**
 * Tries to log in with SSH from a host's network and hangs up; nothing is run. With `fresh-key` it is a key that nobody has, which stands in
 * the user's `authorized_keys` for the time of the login: it finds out whether the server would let a key in, whichever lie there today.
 * Fact: `{ from, state, reached, login, methods }`. `from` is the probe's. `state` is `reached`, or the state of a connection that did not come about, or `no-ssh`.
 * A server that takes the connection and says nothing in time cannot be observed. `methods` are those that the server offers this user, learnt as an attacker would, by trying `none`; [] when the server names none.
 * A password is tried by `password` or else `keyboard-interactive`, a key by `publickey`, and only where the server offers it.
 */
export async function observeSshLogin(probe: SshLogin, lab: Lab, signal: AbortSignal): Promise<Observation> {
  if (probe.with === 'fresh-key') {
    const { user } = probe;
    const host = await lab.host(HostName.parse(probe.to));
    return await withFreshKey({ host, user }, (key) => observeLogin(probe, { key }, lab, signal));
  }
  if (probe.with !== 'lab-key') {
    const credential = 'password' in probe.with ? { password: probe.with.password } : { key: probe.with.privateKey };
    return await observeLogin(probe, credential, lab, signal);
  }
  const read = await (await lab.host('workstation')).readFile(LAB_KEY, { maxBytes: 16 * 1024 });
  if (read.outcome !== 'read')
    return unobservable(`the lab key workstation:${LAB_KEY} could not be read (${read.outcome})`);
  return await observeLogin(probe, { key: read.content }, lab, signal);
}

async function observeLogin(
  probe: SshLogin,
  credential: Credential,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const how = typeof probe.with === 'string' ? HOW[probe.with] : 'password' in probe.with ? 'a password' : 'a key';
  const what = `ssh ${probe.user}@${probe.to}:${probe.port} from ${probe.from} with ${how}`;
  const { from } = probe;
  const silent = (state: string, detail: string): Observation =>
    observed({ from, state, reached: false, login: false, methods: [] }, `${what}: ${state} (${detail})`);
  const dialled = await connected(lab, probe, signal);
  signal.throwIfAborted();
  if (dialled.outcome !== 'open') return silent(dialled.outcome, dialled.detail);
  const time = within(signal, probe.timeout);
  const attempt = await login({ socket: dialled.socket, user: probe.user, ...credential, signal: time.signal });
  signal.throwIfAborted();
  if (attempt.outcome === 'no-ssh') {
    // Something took the connection: slow is not closed, and a grader that cannot wait must not say so.
    if (time.expired())
      return unobservable(`${what}: connected, but there was ${attempt.detail} in ${probe.timeout} s`);
    return silent('no-ssh', attempt.detail);
  }
  if (attempt.outcome === 'bad-key')
    return unobservable(
      `${probe.with === 'lab-key' ? `the lab key workstation:${LAB_KEY}` : 'the key'} is unusable: ${attempt.detail}`,
    );
  const { loggedIn, methods } = attempt;
  return observed(
    { from, state: 'reached', reached: true, login: loggedIn, methods },
    `${what}: ${loggedIn ? 'logged in' : 'refused'}; offered: ${methods.join(', ') || 'nothing'}`,
  );
}

type Credential =
  | { readonly key: Buffer | string; readonly password?: never }
  | { readonly password: string; readonly key?: never };

type Attempt =
  | { readonly outcome: 'answered'; readonly loggedIn: boolean; readonly methods: readonly string[] }
  | { readonly outcome: 'no-ssh'; readonly detail: string }
  | { readonly outcome: 'bad-key'; readonly detail: string };

function login(
  options: {
    readonly socket: Duplex;
    readonly user: string;
    readonly signal: AbortSignal;
  } & Credential,
): Promise<Attempt> {
  const { socket, user, key, password, signal } = options;
  return new Promise((resolve) => {
    const client = new Client();
    let methods: readonly string[] = [];
    let asked = false;
    let shookHands = false;
    const finish = (attempt: Attempt): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(attempt);
      client.destroy();
      socket.destroy();
    };
    const onAbort = (): void =>
      finish({ outcome: 'no-ssh', detail: shookHands ? 'no answer to the login' : 'no handshake' });

    const nextMethod: AuthHandlerMiddleware = (left, _partial, next) => {
      if (!asked) {
        asked = true;
        next({ type: 'none', username: user });
        return;
      }
      if (methods.length === 0) methods = left;
      else return next(false as never); // one attempt is enough
      if (key !== undefined && methods.includes('publickey')) return next({ type: 'publickey', username: user, key });
      if (password !== undefined && methods.includes('password'))
        return next({ type: 'password', username: user, password });
      if (password !== undefined && methods.includes('keyboard-interactive')) {
        const prompt = (
          _n: unknown,
          _i: unknown,
          _l: unknown,
          prompts: readonly unknown[],
          answer: (a: string[]) => void,
        ): void => answer(prompts.map(() => password));
        return next({ type: 'keyboard-interactive', username: user, prompt });
      }
      next(false as never);
    };

    client.on('handshake', () => (shookHands = true));
    client.on('ready', () =>
      finish({ outcome: 'answered', loggedIn: true, methods: methods.length === 0 ? ['none'] : methods }),
    );
    client.on('error', (error) => {
      if (error.level === 'client-authentication') finish({ outcome: 'answered', loggedIn: false, methods });
      else finish({ outcome: 'no-ssh', detail: messageOf(error) });
    });
    client.on('close', () => {
      // A server that hangs up without a word about methods (MaxStartups) has said nothing about passwords either.
      finish(
        methods.length > 0
          ? { outcome: 'answered', loggedIn: false, methods }
          : { outcome: 'no-ssh', detail: 'hung up' },
      );
    });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      client.connect({
        sock: socket,
        username: user,
        authHandler: nextMethod,
        readyTimeout: 0,
        keepaliveInterval: 0,
      });
    } catch (error) {
      finish({ outcome: 'bad-key', detail: messageOf(error) });
    }
  });
}
