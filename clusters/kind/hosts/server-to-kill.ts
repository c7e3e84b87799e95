/** For tests: a server that has a shell open, and says so. Arguments: Docker's socket, the container of the workstation. */
import { connectEngine } from '../docker/engine.ts';
import { containerHost } from './container-host.ts';

const [socketPath = '', containerId = ''] = process.argv.slice(2);
const engine = await connectEngine({ socketPath }, AbortSignal.timeout(30_000));
const host = containerHost({ engine, containerId, name: 'workstation' });
const shell = await host.openShell({ session: 'of-another-server', cols: 80, rows: 24 });
let shown = '';
let isTold = false;
shell.output.on('data', (bytes: Buffer) => {
  shown += String(bytes);
  if (isTold || !shown.includes('from the other server')) return;
  isTold = true;
  process.stdout.write('open\n');
});
await shell.write(Buffer.from("echo from the 'other' server\r"));
