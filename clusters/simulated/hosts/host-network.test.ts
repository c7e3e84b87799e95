import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOST_NAMES, type HostName } from '../../../protocol/host.ts';
import { impossible, startTestLab, whyNot, type TestLab } from './host-fixture.ts';

describe.skipIf(impossible)(`a host's network${whyNot}`, () => {
  let lab: TestLab;
  let server: Server;
  beforeAll(async () => {
    lab = await startTestLab(HOST_NAMES);
    server = await lab.on('node01').listen(8080);
    server.on('connection', (socket) => {
      socket.on('error', () => undefined); // a scan resets
      socket.end(`hello ${socket.remoteAddress}`);
    });
  });
  afterAll(async () => {
    server.close();
    await lab[Symbol.asyncDispose]();
  });

  const dial = async (from: HostName, to: string, port: number, ms = 300) => {
    const result = await lab.on(from).dial(to, port, AbortSignal.timeout(ms));
    return result.outcome === 'open' ? text(result.socket) : result.outcome;
  };

  test('is dialled from inside, and the caller keeps its address', async () => {
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('hello 203.0.113.66');
    await expect(dial('workstation', '10.10.0.11', 8080)).resolves.toBe('hello 10.10.0.5');
    await expect(dial('node01', '127.0.0.1', 8080)).resolves.toBe('hello 127.0.0.1');
  });

  test('is reached by strangers of the internet too, each from another address, whatever becomes of the host of that name', async () => {
    const call = async (to = 'node01', port = 8080) => {
      const result = await lab.set.stranger.dial(to, port, AbortSignal.timeout(300));
      return result.outcome === 'open' ? text(result.socket) : result.outcome;
    };
    await expect(call()).resolves.toMatch(/^hello 198\.51\.100\.\d+$/);
    await expect(call('node01', 8081)).resolves.toBe('refused');
    await expect(call('node02')).resolves.toBe('unresolved');
    await lab.sh('internet', 'iptables -A OUTPUT -p tcp --dport 8080 -j REJECT; ip route add blackhole 10.10.0.0/24');
    await expect(dial('internet', 'node01', 8080)).resolves.not.toContain('hello');
    await expect(call()).resolves.toMatch(/^hello 198\.51\.100\.\d+$/);
    await lab.sh('internet', 'iptables -F; ip route del blackhole 10.10.0.0/24');
    await lab.sh('node01', 'iptables -A INPUT -s 203.0.113.66 -j DROP');
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('timeout');
    await expect(call()).resolves.toMatch(/^hello 198\.51\.100\.\d+$/);
    await lab.sh('node01', 'iptables -F');
    expect(await call()).not.toBe(await call());
  });

  test('finds a machine of the lab by its name, whatever /etc/hosts says', async () => {
    await lab.sh('workstation', 'echo "127.0.0.9 node01 elsewhere" >/etc/hosts');
    await expect(dial('workstation', 'node01', 8080)).resolves.toBe('hello 10.10.0.5');
    await expect(dial('workstation', 'elsewhere', 8080)).resolves.toBe('refused');
  });

  test.each([
    ['iptables', 'iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 8080 -j', 'iptables -F'],
    [
      'nft',
      'nft add table inet t; nft add chain inet t c "{ type filter hook input priority 0; }"; nft add rule inet t c ip saddr 203.0.113.0/24',
      'nft delete table inet t',
    ],
  ])('obeys %s by source address', async (tool, rule, undo) => {
    const verdict = (name: string) => (tool === 'nft' ? name.toLowerCase() : name);
    await expect(lab.sh('node01', `${rule} ${verdict('DROP')}`)).resolves.toBe('');
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('timeout');
    await expect(dial('bastion', 'node01', 8080)).resolves.toBe('hello 10.10.0.20');
    await lab.sh('node01', undo);
    await expect(lab.sh('node01', `${rule} ${verdict('REJECT')}`)).resolves.toBe('');
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('refused');
    await lab.sh('node01', undo);
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('hello 203.0.113.66');
  });

  test('obeys ufw', async () => {
    await expect(lab.sh('node01', 'ufw allow from 10.10.0.0/24 && ufw --force enable')).resolves.toBe(
      'Rules updated\nFirewall is active and enabled on system startup',
    );
    await expect(dial('internet', 'node01', 8080)).resolves.toBe('timeout');
    await expect(dial('bastion', 'node01', 8080)).resolves.toBe('hello 10.10.0.20');
    await lab.sh('node01', 'ufw --force disable');
  });

  test('refuses a port that a program of the learner has', async () => {
    await lab.sh(
      'node01',
      "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 9000, Listen => 1); fork and exit; sleep 60' >/dev/null 2>&1",
    );
    await expect(lab.on('node01').listen(9000)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('frees a port when its server is closed', async () => {
    const first = await lab.on('node01').listen(9100, '127.0.0.1');
    first.close();
    await once(first, 'close');
    const second = await lab.on('node01').listen(9100, '127.0.0.1');
    expect(second.listening).toBe(true);
    second.close();
  });

  test('serves a Unix socket in the host from the server', async () => {
    const docker = await lab.on('node01').listenUnix('/run/docker.sock', 0o660);
    docker.on('connection', (socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nserved')));
    await expect(lab.sh('node01', 'curl -s --unix-socket /run/docker.sock http://docker/')).resolves.toBe('served');
    await expect(lab.sh('node01', 'stat -c "%a %U %F" /run/docker.sock')).resolves.toBe('660 root socket');
    docker.close();
  });

  test('runs the tools of the trade', async () => {
    await expect(lab.sh('node01', 'ss -Hltn')).resolves.toContain('0.0.0.0:8080');
    await expect(lab.sh('internet', 'nmap -n -sT -p 8080 node01')).resolves.toContain('8080/tcp open');
    await expect(lab.sh('internet', 'nmap -n -sS -p 8080 node01')).resolves.toContain('8080/tcp open');
  });
});
