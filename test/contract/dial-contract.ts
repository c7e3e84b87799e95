import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type HostsUnderTest, soon } from './hosts-under-test.ts';

/** `Host.dial`. */
export function dialContract({ on, sh }: HostsUnderTest): void {
  const dial = (to: string, port: number, signal = soon()) => on('workstation').dial(to, port, signal);
  const outcome = async (...asked: Parameters<typeof dial>) => {
    const result = await dial(...asked);
    if (result.outcome === 'open') result.socket.destroy();
    return result.outcome;
  };

  test('reaches what listens on another host, by name, by address and by /etc/hosts, and keeps both ways apart', async () => {
    await sh('node01', `setsid perl -e '${ECHO_AT_END}' 7000 > /dev/null 2>&1 &`);
    const [address = ''] = (await sh('workstation', 'getent ahostsv4 node01')).split(' ');
    await sh('workstation', `echo ${address} of-the-file >> /etc/hosts`);
    await expect.poll(() => outcome('node01', 7000)).toBe('open');
    for (const to of ['node01', address, 'of-the-file']) {
      const result = await dial(to, 7000);
      if (result.outcome !== 'open') throw new Error(result.detail);
      const sent = 'abc'.repeat(100_000);
      result.socket.end(sent); // what comes back is only said once this has ended
      await expect(text(result.socket)).resolves.toBe(`heard ${sent}`);
    }
  });

  test('tells a refusal, a name that nobody has, no way there and silence from each other', async () => {
    expect(await dial('node01', 4)).toEqual({
      outcome: 'refused',
      detail: expect.stringMatching(/:4 refused$/),
    });
    expect(await outcome('no-such-host', 80)).toBe('unresolved');
    await sh('workstation', 'ip route add unreachable 192.0.2.0/24');
    expect(await dial('192.0.2.1', 80)).toEqual({
      outcome: 'unreachable',
      detail: expect.stringMatching(/^192[.]0[.]2[.]1:80: /),
    });
    await sh('node01', 'iptables -A INPUT -p tcp --dport 4 -j DROP');
    expect(await dial('node01', 4, AbortSignal.timeout(1500))).toEqual({
      outcome: 'timeout',
      detail: expect.stringMatching(/:4 did not answer$/),
    });
    await sh('node01', 'iptables -R INPUT 1 -p tcp --dport 4 -j REJECT');
    expect(await outcome('node01', 4)).toBe('refused');
  });

  test('hears of a reset', async () => {
    await sh('node01', `setsid perl -e '${RESETS}' 7001 > /dev/null 2>&1 &`);
    await expect.poll(() => outcome('node01', 7001)).toBe('open');
    const result = await dial('node01', 7001);
    if (result.outcome !== 'open') throw new Error(result.detail);
    const [error] = await once(result.socket, 'error');
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });
}

/** Listens at the port it is given, reads to the end, then answers. */
const ECHO_AT_END = `
socket(my $s, 2, 1, 0); setsockopt($s, 1, 2, 1); bind($s, pack("S n x12", 2, shift)); listen($s, 9);
while (accept(my $c, $s)) { local $/; my $said = <$c>; syswrite($c, "heard "); print $c $said; close $c }`;

/** Ends each connection with a reset: SO_LINGER of zero seconds. */
const RESETS = `
socket(my $s, 2, 1, 0); setsockopt($s, 1, 2, 1); bind($s, pack("S n x12", 2, shift)); listen($s, 9);
while (accept(my $c, $s)) { select(undef, undef, undef, 0.2); setsockopt($c, 1, 13, pack("l2", 1, 0)); close $c }`;
