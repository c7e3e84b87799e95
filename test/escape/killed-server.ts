import { labToRuin } from './ruined-lab.ts';

/** For killed-server.test.ts, which runs it, perhaps as another user, and kills it: a whole lab in use says so and waits. */
const ruined = await labToRuin();
const node = await ruined.lab.host('node01');
await node.openShell({ session: 'one', cols: 80, rows: 24 });
await ruined.sh('node01', 'setsid sleep 1000 >/dev/null 2>&1 & disown');
await ruined.sh('controlplane', 'systemctl is-active kubelet');
await ruined.sh('node01', 'docker run -d --privileged -v /:/host alpine chroot /host sleep 1000');
await ruined.sh('node01', 'docker run -d -p 8080:80 nginx');
// Of no effect in a lab with one user, where it is root's.
await ruined.sh(
  'node01',
  'setsid setpriv --reuid 1000 --regid 1000 --clear-groups sleep 1000 >/dev/null 2>&1 & disown',
);
process.stdout.write('in use\n');
setInterval(() => undefined, 60_000);
