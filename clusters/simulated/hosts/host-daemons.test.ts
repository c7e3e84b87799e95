import { afterAll, describe, expect, it } from 'vitest';
import type { DaemonLook, HostDaemon } from './host-daemon.ts';
import { descendants, survivors } from './processes.ts';
import { impossible, startTestLab, type TestLab, whyNot } from './host-fixture.ts';

const ARGV = ['/usr/bin/kubelet', '--config=/var/lib/kubelet/config.yaml'];

/** What happened to a daemon, in order. */
class Told {
  readonly events: string[] = [];
  #next = Promise.withResolvers<void>();

  add(event: string): void {
    this.events.push(event);
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  async next(): Promise<string | undefined> {
    if (this.events.length === 0) await this.#next.promise;
    return this.events.shift();
  }
}

async function appear(daemon: HostDaemon, look: Partial<DaemonLook> = {}): Promise<Told> {
  const told = new Told();
  await daemon.appear({
    program: ARGV[0] ?? '',
    argv: ARGV,
    environment: { LANG: 'C.UTF-8' },
    signalled: (signals) => told.add(`signals ${signals.join(' ')}`),
    killed: () => told.add('killed'),
    ...look,
  });
  return told;
}

describe.skipIf(impossible)(`a modelled daemon on a host${whyNot}`, () => {
  const labs = new AsyncDisposableStack();
  afterAll(() => labs.disposeAsync());
  const start = async (): Promise<TestLab> => {
    const lab = labs.use(await startTestLab(['node01']));
    await lab.on('node01').installProgram('/usr/bin/kubelet', async (call) => {
      await call.stdout(`asked for ${call.args.join(' ')}\n`);
      return 3;
    });
    return lab;
  };

  it('is a process with its name, words, program, variables and socket, made when somebody first looks', async () => {
    const lab = await start();
    const daemon = lab.on('node01').newDaemon();
    await daemon.listen(10250);
    await daemon.listenUnix('/run/kubelet.sock', 0o600);
    await appear(daemon);
    expect(daemon.pid).toBeUndefined();
    expect(await lab.sh('node01', 'ps -eo ppid,uid,comm,args | grep [k]ubelet')).toMatch(
      /^1 +0 kubelet +\/usr\/bin\/kubelet --config=\/var\/lib\/kubelet\/config.yaml$/,
    );
    const pid = daemon.pid ?? 0;
    expect(await lab.sh('node01', `readlink /proc/${pid}/exe; tr '\\0' ' ' < /proc/${pid}/environ`)).toBe(
      '/usr/bin/kubelet\nLANG=C.UTF-8',
    );
    expect(await lab.sh('node01', 'pgrep -x kubelet; pidof kubelet')).toBe(`${pid}\n${pid}`);
    expect(await lab.sh('node01', 'ss -Htlnp sport = :10250')).toContain(`users:(("kubelet",pid=${pid},fd=`);
    expect(await lab.sh('node01', 'ss -Hxlp | grep kubelet.sock')).toContain(`users:(("kubelet",pid=${pid},fd=`);
  });

  it('tells of signals and of being killed', async () => {
    const lab = await start();
    const daemon = lab.on('node01').newDaemon();
    const told = await appear(daemon);
    await lab.sh('node01', 'pkill -TERM kubelet');
    expect(await told.next()).toBe('signals 15');
    await lab.sh('node01', 'pkill -HUP kubelet');
    expect(await told.next()).toBe('signals 1');
    await lab.sh('node01', 'pkill -KILL kubelet');
    expect(await told.next()).toBe('killed');
    expect(await lab.sh('node01', 'pgrep kubelet')).toBe('[status 1]');
  });

  it('gives its port back when it leaves, looked at or not, and tells nobody', async () => {
    const lab = await start();
    const host = lab.on('node01');
    for (const look of [() => Promise.resolve(''), () => lab.sh('node01', 'ss -Htln')]) {
      const daemon = host.newDaemon();
      const server = await daemon.listen(10250);
      const told = await appear(daemon);
      await look();
      await daemon.leave();
      server.close();
      const other = host.newDaemon();
      (await other.listen(10250)).close();
      await other.leave();
      expect(told.events).toEqual([]);
    }
  });

  it('stays who it is when it listens anew', async () => {
    const lab = await start();
    const daemon = lab.on('node01').newDaemon();
    const server = await daemon.listen(22);
    await appear(daemon);
    await lab.sh('node01', 'true');
    const before = daemon.pid;
    server.close();
    await daemon.listen(22);
    const told = await appear(daemon);
    expect([before, told.events]).toEqual([daemon.pid, []]);
    expect(await lab.sh('node01', 'ss -Htlnp sport = :22')).toContain(`pid=${before}`);
  });

  it('is told by its path in its container where the host has no such file', async () => {
    const lab = await start();
    const daemon = lab.on('node01').newDaemon();
    await appear(daemon, { program: '/usr/local/bin/etcd', argv: ['etcd', '--name=controlplane'] });
    expect(await lab.sh('node01', 'readlink /proc/$(pidof etcd)/exe; ls /usr/local/bin/etcd')).toMatch(
      /^\/usr\/local\/bin\/etcd\nls: cannot access/,
    );
  });

  it('has a program that can be asked at a prompt, and removed', async () => {
    const lab = await start();
    expect(await lab.sh('node01', 'which kubelet; kubelet --version')).toBe(
      '/usr/bin/kubelet\nasked for --version [status 3]',
    );
    expect(await lab.sh('node01', 'rm /usr/bin/kubelet; which kubelet')).toBe('[status 1]');
  });

  it('is bound as any program of its host, and holds nothing of the server', async () => {
    const lab = await start();
    const daemon = lab.on('node01').newDaemon();
    await daemon.listen(10250);
    await appear(daemon);
    const bounds = (pid: string) =>
      lab.sh(
        'node01',
        `grep -E '^(Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs|Seccomp|Uid):' /proc/${pid}/status; cat /proc/${pid}/limits`,
      );
    expect(await bounds('$(pidof kubelet)')).toBe(await bounds('self'));
    const held = await lab.sh('node01', "ls -l /proc/$(pidof kubelet)/fd | sed -n 's/.* -> //p' | sed 's/\\[.*//'");
    expect(held.split('\n')).toEqual(['/dev/null', 'socket:', 'socket:', 'socket:']);
    expect(await lab.sh('node01', 'ls -l /proc/$(pidof kubelet)/cwd')).toMatch(/ -> \/$/);
  });

  it('ends with its lab', async () => {
    const lab = await startTestLab(['node01']);
    await appear(lab.on('node01').newDaemon(), { argv: ['/usr/bin/kubelet', '--ends-with-its-lab'] });
    await lab.sh('node01', 'true');
    const marks = descendants(process.pid).filter(({ command }) => command.includes('--ends-with-its-lab'));
    expect(marks).toHaveLength(1);
    await lab[Symbol.asyncDispose]();
    expect(survivors(marks)).toEqual([]);
  });

  it('takes little memory', async () => {
    const lab = await start();
    await appear(lab.on('node01').newDaemon());
    const pss = await lab.sh('node01', `awk '/^Pss:/ {print $2}' /proc/$(pidof kubelet)/smaps_rollup`);
    expect(Number(pss)).toBeLessThanOrEqual(20);
  });
});
