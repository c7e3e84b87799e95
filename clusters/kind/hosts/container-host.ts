import type { Host } from '../../cluster.ts';
import { BASE_ENVIRONMENT } from '../../keeper/base-environment.ts';
import { collected, keptProgram, programFields } from '../../keeper/kept-program.ts';
import { dialFromContainer } from './container-dial.ts';
import { readContainerFile, writeContainerFile } from './container-files.ts';
import { openContainerShell } from './container-shell.ts';
import { type HostContainer, startKeeper } from './start-keeper.ts';

/**
 * A lab host that is a Docker container: any Linux with bash and perl-base, as Debian and kindest/node have it. Each call is a
 * `docker exec` of its own; nothing is held between calls. Throws `LabError` when Docker or the container is gone.
 */
export function containerHost(container: HostContainer): Host {
  const { name } = container;
  return {
    name,
    async exec(argv, options) {
      const { signal, env, cwd } = options;
      const fields = programFields(cwd ?? '/root', { ...BASE_ENVIRONMENT, ...env }, argv);
      const connection = await startKeeper(container, 'program', fields, [signal]);
      return collected(keptProgram(connection, { name: argv[0] ?? '', host: name, signal }), options);
    },
    readFile: (path, options) => readContainerFile(container, path, options),
    writeFile: (path, content, options) => writeContainerFile(container, path, content, options),
    openShell: (options) => openContainerShell(container, options),
    dial: (to, port, signal) => dialFromContainer(container, to, port, signal),
  };
}
