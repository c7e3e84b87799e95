// One suite, read top to bottom beside clusters/cluster.ts; it stays whole so that what the contract asks can be seen at once.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Backend,
  type Host,
  type Lab,
  LabError,
  type LabRequest,
  type Shell,
  type Vantage,
} from '../../clusters/cluster.ts';
import { askApi } from '../../clusters/api-request.ts';
import { labIdFrom } from '../../protocol/ids.ts';
import type { Identity } from '../../protocol/scenario.ts';
import { descendants } from '../../clusters/simulated/hosts/processes.ts';

export interface Subject {
  readonly title: string;
  readonly backend: Backend;
  /** Whether hosts have programs and a network, and there is a cluster; a fake has only files and shells, and says so of the rest. */
  readonly isWhole: boolean;
  /** Why it cannot run on this machine. */
  readonly skipped?: string;
  /** How long a lab, and a test that makes some, may take on a busy machine; 30 s and a minute unless said. */
  readonly patience?: { readonly lab: number; readonly test: number };
  /** How much there is of its labs; the processes below this one unless said. */
  readonly remains?: () => Promise<number>;
  /** A lab is given up at each of its first steps so many apart: 1, all of them, unless said. */
  readonly giveUpEvery?: number;
  /** A line for a shell that shows its size, and what it shows. */
  readonly size: { readonly line: string; readonly shown: (cols: number, rows: number) => RegExp };
}

const SEED: LabRequest['seed'] = {
  hosts: ['workstation', 'node01'],
  manifests: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'harbour' } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'crane', namespace: 'harbour' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tide', namespace: 'harbour' }, data: { level: 'high' } },
  ],
  files: [{ host: 'workstation', path: '/root/notes/one', content: Buffer.from('seeded'), mode: 0o600 }],
};

const soon = () => AbortSignal.timeout(30_000);

const ownProcesses = (): Promise<number> => Promise.resolve(descendants(process.pid).length);

/** Every backend passes this, or it is no backend; what runs on real machines passes host-contract.ts too. */
export function backendContract(subject: Subject): void {
  const { title, backend, isWhole, skipped, size, giveUpEvery = 1, remains = ownProcesses } = subject;
  const { patience = { lab: 30_000, test: 60_000 } } = subject;
  const labSignal = () => AbortSignal.timeout(patience.lab);
  const create = (changes: Partial<LabRequest> = {}): Promise<Lab> =>
    backend.create({
      id: labIdFrom(randomBytes(10)),
      seed: SEED,
      progress: () => undefined,
      signal: labSignal(),
      ...changes,
    });

  describe.skipIf(skipped !== undefined)(`${title}${skipped ?? ''}`, { timeout: patience.test }, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await create();
    }, patience.test);
    afterAll(() => lab?.[Symbol.asyncDispose]());

    describe('a lab', () => {
      test('has its id, its backend and the files of its seed, with their modes', async () => {
        expect(lab).toMatchObject({ id: expect.stringMatching(/^[a-z][a-z0-9]{9}$/), backend: backend.name });
        const workstation = await lab.host('workstation');
        expect(workstation.name).toBe('workstation');
        await expect(workstation.readFile('/root/notes/one', { maxBytes: 100 })).resolves.toEqual({
          outcome: 'read',
          content: Buffer.from('seeded'),
          mode: 0o600,
          truncated: false,
        });
      });

      test('refuses a host that it does not have, in words', async () => {
        const refusal = await lab.host('bastion').catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(LabError);
        expect(refusal).toMatchObject({
          message: expect.stringContaining('bastion'),
          nextStep: expect.stringMatching(/workstation/),
        });
      });

      test('tells what it does while it starts, and leaves nothing when it is given up at any of those steps', async () => {
        const before = await remains();
        const steps: string[] = [];
        await (await create({ progress: (step) => steps.push(step) }))[Symbol.asyncDispose]();
        expect(steps).toEqual(steps.map(() => expect.stringMatching(/^[a-z]+ing /)));
        expect(steps.length).toBeGreaterThan(0);
        for (let i = 0; i < steps.length; i += giveUpEvery) {
          const giveUp = new AbortController();
          let seen = 0;
          const progress = (): void => {
            if (seen === i) giveUp.abort(new Error('changed my mind'));
            seen += 1;
          };
          await expect(create({ progress, signal: giveUp.signal })).rejects.toThrow('changed my mind');
          expect(await remains()).toBe(before);
        }
        await expect(create({ signal: AbortSignal.abort(new Error('before it began')) })).rejects.toThrow(
          'before it began',
        );
      });

      test('leaves no process and nothing that listens once it is disposed of, also twice', async () => {
        const before = await remains();
        const short = await create();
        const { server } = await short.kubeAccess('anonymous');
        await (await short.host('node01')).openShell({ session: 'one', cols: 80, rows: 24 });
        await short[Symbol.asyncDispose]();
        await short[Symbol.asyncDispose]();
        expect(await remains()).toBe(before);
        await expect(fetch(server)).rejects.toMatchObject({
          cause: { message: expect.stringMatching(/ECONNREFUSED|bad port/) },
        });
      });
    });

    describe('a file', () => {
      let host: Host;
      beforeAll(async () => {
        host = await lab.host('node01');
      });

      test('is written with its mode into folders that are made, and replaced', async () => {
        await host.writeFile('/srv/made/for/it', Buffer.from('first'), { mode: 0o644 });
        await host.writeFile('/srv/made/for/it', Buffer.from([0, 255, 10]), { mode: 0o755 });
        const read = await host.readFile('/srv/made/for/it', { maxBytes: 100 });
        expect(read).toMatchObject({ outcome: 'read', content: Buffer.from([0, 255, 10]), mode: 0o755 });
      });

      test('is read to a bound, and absent where there is none', async () => {
        await host.writeFile('/srv/long', Buffer.alloc(100_000, 'x'), { mode: 0o644 });
        const read = await host.readFile('/srv/long', { maxBytes: 10 });
        expect(read).toMatchObject({ outcome: 'read', content: Buffer.from('x'.repeat(10)), truncated: true });
        await expect(host.readFile('/srv/nothing', { maxBytes: 10 })).resolves.toEqual({ outcome: 'absent' });
      });

      test('of one host is not on another', async () => {
        await host.writeFile('/srv/mine', Buffer.from('mine'), { mode: 0o644 });
        const other = await lab.host('workstation');
        await expect(other.readFile('/srv/mine', { maxBytes: 10 })).resolves.toEqual({ outcome: 'absent' });
      });
    });

    describe('a shell', () => {
      const open = async (session: string, shape = { cols: 80, rows: 24 }): Promise<Shell> =>
        (await lab.host('workstation')).openShell({ session, ...shape });
      const types = (shell: Shell, line: string): Promise<void> => shell.write(Buffer.from(`${line}\r`));

      test('takes keys, knows its size, and is told a new one', async () => {
        await using shell = await open('sizes', { cols: 91, rows: 17 });
        expect(shell.resumed).toBe(false);
        await sees(shell, /[$#] /);
        await types(shell, size.line);
        await sees(shell, size.shown(91, 17));
        shell.resize(120, 40);
        await types(shell, size.line);
        await sees(shell, size.shown(120, 40));
      });

      test('goes on after a detach, and is found again by its session alone', async () => {
        const first = await open('lasting');
        await sees(first, /[$#] /);
        await types(first, 'echo once');
        await sees(first, /once.*once/s); // as it is typed, and as it is said
        await first[Symbol.asyncDispose]();
        await using other = await open('another');
        expect(other.resumed).toBe(false);
        await using again = await open('lasting', { cols: 100, rows: 30 });
        expect(again.resumed).toBe(true);
        await types(again, 'echo twice');
        await sees(again, /twice.*twice/s);
        await other.kill();
      });

      test('ends with its exit status, or when it is killed; its session then starts afresh', async () => {
        await using shell = await open('ending');
        await sees(shell, /[$#] /);
        await types(shell, 'exit 3');
        await expect(shell.exited).resolves.toBe(3);
        await using next = await open('ending');
        expect(next.resumed).toBe(false);
        await sees(next, /[$#] /);
        await next.kill();
        expect(await next.exited).toBeGreaterThan(128);
      });
    });

    describe('a reset', () => {
      test('brings files back and ends shells', async () => {
        await using own = await create();
        const host = await own.host('workstation');
        const shell = await host.openShell({ session: 'one', cols: 80, rows: 24 });
        shell.output.resume();
        await host.writeFile('/root/notes/one', Buffer.from('changed'), { mode: 0o644 });
        await host.writeFile('/root/notes/two', Buffer.from('new'), { mode: 0o644 });
        await own.reset(labSignal());
        await shell.exited;
        const fresh = await own.host('workstation');
        const read = (path: string) => fresh.readFile(path, { maxBytes: 100 });
        expect(await read('/root/notes/one')).toMatchObject({ content: Buffer.from('seeded'), mode: 0o600 });
        expect(await read('/root/notes/two')).toEqual({ outcome: 'absent' });
        const next = await fresh.openShell({ session: 'one', cols: 80, rows: 24 });
        expect(next.resumed).toBe(false);
      });

      test.runIf(isWhole)('brings objects, firewalls and processes back', async () => {
        await using own = await create();
        const admin = await own.kubeAccess('admin');
        const path = '/api/v1/namespaces/harbour/configmaps';
        const made = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' } };
        expect((await askApi(admin, { method: 'POST', path, body: made })).status).toBe(201);
        const host = await own.host('node01');
        const run = async (on: Host, ...argv: string[]) => (await on.exec(argv, { signal: soon() })).stdout.toString();
        const rules = await run(host, 'iptables', '-S');
        await run(host, 'iptables', '-A', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'DROP');
        await run(host, 'sh', '-c', 'sleep 4321 >/dev/null 2>&1 &');
        await own.reset(labSignal());
        const fresh = await own.host('node01');
        expect(await run(fresh, 'iptables', '-S')).toBe(rules);
        expect(await run(fresh, 'ps', '-eo', 'args')).not.toContain('sleep 4321');
        const access = await own.kubeAccess('admin');
        expect((await askApi(access, { path: `${path}/tide` })).body).toMatchObject({ data: { level: 'high' } });
        expect((await askApi(access, { path: `${path}/extra` })).status).toBe(404);
        expect(await sshGreeting(await own.host('workstation'), 'node01')).toMatch(/^SSH-2\.0-/);
      });
    });

    test.runIf(isWhole)('is reached by dials from one host to what listens on another, by name', async () => {
      expect(await sshGreeting(await lab.host('workstation'), 'node01')).toMatch(/^SSH-2\.0-/);
    });

    test.runIf(isWhole)(
      'is reached by a stranger where there is an internet, whatever the learner does to the host of that name',
      async () => {
        await expect(lab.stranger()).rejects.toThrow(LabError);
        await using own = await create({ seed: { ...SEED, hosts: ['node01', 'internet'], files: [] } });
        const internet = await own.host('internet');
        await internet.exec(['iptables', '-P', 'OUTPUT', 'DROP'], { signal: soon() });
        expect(await internet.dial('node01', 22, AbortSignal.timeout(300))).toMatchObject({ outcome: 'timeout' });
        expect(await sshGreeting(await own.stranger(), 'node01')).toMatch(/^SSH-2\.0-/);
      },
    );

    describe.runIf(isWhole)('the cluster', () => {
      const whoAmI = async (identity: Identity): Promise<unknown> => {
        const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
        const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
        const answer = await askApi(await lab.kubeAccess(identity), { method: 'POST', path, body });
        return (answer.body as { status?: { userInfo?: unknown } }).status?.userInfo ?? answer;
      };

      test.each<[string, Identity, object]>([
        ['the administrator', 'admin', { groups: expect.arrayContaining(['system:masters']) }],
        [
          'a user',
          { user: 'ada', groups: ['readers'] },
          { username: 'ada', groups: expect.arrayContaining(['readers']) },
        ],
        ['a ServiceAccount', { serviceAccount: 'harbour/crane' }, { username: 'system:serviceaccount:harbour:crane' }],
        ['nobody', 'anonymous', { status: expect.toSatisfy((status) => status === 401 || status === 403) }],
      ])('takes %s for who they are', async (_, identity, who) => {
        expect(await whoAmI(identity)).toMatchObject(who);
      });

      test('has the objects of the seed, and no rights for strangers', async () => {
        const path = '/api/v1/namespaces/harbour/configmaps/tide';
        const asked = async (identity: Identity) => askApi(await lab.kubeAccess(identity), { path });
        expect(await asked('admin')).toMatchObject({ status: 200, body: { data: { level: 'high' } } });
        expect(await asked({ user: 'ada', groups: [] })).toMatchObject({ status: 403 });
      });

      test('is asked on loopback, behind its own authority', async () => {
        const { server, certificateAuthority } = await lab.kubeAccess('anonymous');
        expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
        expect(certificateAuthority).toMatch(/^-----BEGIN CERTIFICATE-----/);
      });

      test('gives no token for a ServiceAccount that is not there', async () => {
        const refusal = await lab.kubeAccess({ serviceAccount: 'harbour/gull' }).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(LabError);
        expect((refusal as LabError).message).toContain('harbour/gull');
      });

      test('shows what lies in etcd, as it lies there', async () => {
        const value = await lab.readEtcd('/registry/configmaps/harbour/tide');
        expect(Buffer.from(value ?? []).toString('latin1')).toMatch(/level.*high/s);
        await expect(lab.readEtcd('/registry/configmaps/harbour/ebb')).resolves.toBeUndefined();
      });
    });
  });
}

/** What each shell has said so far; a stream is read once. */
const said = new WeakMap<Shell, { text: string; heard: EventTarget; over: boolean }>();

/** Waits until the shell shows that, after what was seen of it before. */
async function sees(shell: Shell, pattern: RegExp): Promise<void> {
  let ears = said.get(shell);
  if (ears === undefined) {
    const own = { text: '', heard: new EventTarget(), over: false };
    ears = own;
    said.set(shell, own);
    const note = (change: () => void) => (chunk?: Buffer) => {
      own.text += chunk?.toString() ?? '';
      change();
      own.heard.dispatchEvent(new Event('heard'));
    };
    shell.output.on(
      'data',
      note(() => undefined),
    );
    shell.output.once('end', () => note(() => (own.over = true))());
  }
  for (;;) {
    const match = pattern.exec(ears.text);
    if (match !== null) {
      ears.text = ears.text.slice(match.index + match[0].length);
      return;
    }
    if (ears.over) throw new Error(`the shell ended without ${pattern}: ${JSON.stringify(ears.text)}`);
    await once(ears.heard, 'heard');
  }
}

/** What sshd says first on that host, dialled from another. */
async function sshGreeting(from: Vantage, to: string): Promise<string> {
  const result = await from.dial(to, 22, soon());
  if (result.outcome !== 'open') throw new Error(`${result.outcome}: ${result.detail}`);
  const [greeting] = (await once(result.socket, 'data')) as [Buffer];
  result.socket.destroy();
  return greeting.toString();
}
