import type { HostName } from '../../../../protocol/host.ts';
import { realClock } from '../../clock.ts';
import { startTestLab, type TestLab } from '../../hosts/host-fixture.ts';
import { IMAGES } from '../../images/table.ts';
import { installedEntries } from '../../installed.ts';
import { SupervisedSandboxes } from '../../pods/supervised-sandboxes.ts';
import { type Daemons, startDaemons } from '../start-daemons.ts';
import { Journal } from '../systemd/journal.ts';

const CONFIG = '{"hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"]}';
const OVERRIDE = '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n';

/** Hosts of which `node01` has a Docker engine, on its socket and on TCP 2375, with alpine and nginx pulled. */
export interface DockerLab extends AsyncDisposable {
  readonly lab: TestLab;
  /** Runs a line on `node01`. */
  readonly node: (line: string) => Promise<string>;
}

/** Starts them; `others` beside `node01`. Disposing rejects with faults that the engine reported. */
export async function startDockerLab(
  others: readonly HostName[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<DockerLab> {
  const file = (path: string, text: string) => ({
    host: 'node01' as const,
    path,
    content: Buffer.from(text),
    mode: 0o644,
  });
  const all = {
    '/etc/docker/daemon.json': CONFIG,
    '/etc/systemd/system/docker.service.d/override.conf': OVERRIDE,
    ...files,
  };
  const lab = await startTestLab(
    ['node01', ...others],
    Object.entries(all).map(([path, text]) => file(path, text)),
    installedEntries,
  );
  const sandboxes = new SupervisedSandboxes(lab.set.supervisor);
  const faults: unknown[] = [];
  const docker = {
    images: IMAGES,
    present: ['alpine', 'nginx'],
    sandboxes: () => Promise.resolve(sandboxes),
    fault: (error: unknown) => faults.push(error),
  };
  const start = (host: HostName): Promise<Daemons> =>
    startDaemons({
      host: lab.on(host),
      clock: realClock,
      journal: new Journal(realClock),
      ...(host === 'node01' ? { docker } : {}),
    });
  const running = await Promise.all([start('node01'), ...others.filter((host) => host === 'internet').map(start)]);
  return {
    lab,
    node: (line) => lab.sh('node01', line),
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((daemons) => daemons[Symbol.asyncDispose]()));
      await lab[Symbol.asyncDispose]();
      if (faults.length > 0) throw new AggregateError(faults, 'the engine reported faults');
    },
  };
}
