import { startTestLab } from './host-fixture.ts';

/**
 * For start-hosts.test.ts, which runs it as another user and kills it: starts a lab, shows that it works, says so and waits.
 */
const lab = await startTestLab(['node01', 'internet']);
const server = await lab.on('node01').listen(80);
server.on('connection', (socket) => socket.end('served'));
await lab.on('node01').installCommand('crictl', () => Promise.resolve(5));
await lab.sh('node01', 'iptables -A INPUT -p tcp --dport 81 -j DROP');
const said = [
  await lab.sh('internet', 'exec 3<>/dev/tcp/node01/80; cat <&3'),
  await lab.sh('node01', 'crictl; echo $?'),
  await lab.sh('node01', 'id -u; cut -c1-40 /proc/self/uid_map'),
  (await lab.on('internet').dial('node01', 81, AbortSignal.timeout(100))).outcome,
];
await lab.on('node01').openShell({ session: 'one', cols: 80, rows: 24 });
process.stdout.write(`${JSON.stringify({ user: process.getuid?.(), said })}\n`);
setInterval(() => undefined, 60_000);
