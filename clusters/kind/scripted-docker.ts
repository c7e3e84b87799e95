import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

/** For tests: a Docker that answers by a script, as this machine's cannot be made to, and what it was told to make. */
export interface ScriptedDocker extends AsyncDisposable {
  readonly socketPath: string;
  /** Bodies of POST requests, in order. */
  readonly told: readonly unknown[];
}

export type DockerAnswer = readonly [status: number, body: object];

/** Who it is, unless the script says otherwise. */
const GREETING: Readonly<Record<string, DockerAnswer>> = {
  'GET /version': [200, { Version: '29.9.2', ApiVersion: '1.55', Os: 'linux', Arch: 'amd64' }],
  'GET /info': [200, { NCPU: 4, MemTotal: 2 ** 34, CgroupVersion: '2', DockerRootDir: '/var/lib/docker' }],
};

/** The answer to each `METHOD /path`, whatever is asked for behind a question mark. What is not in the script is 404. */
export async function scriptedDocker(script: Readonly<Record<string, DockerAnswer>>): Promise<ScriptedDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-docker-script-'));
  const socketPath = join(folder, 'docker.sock');
  const told: unknown[] = [];
  const answers = { ...GREETING, ...script };
  const server = createServer((request, response) => {
    const what = `${request.method} ${request.url?.split('?')[0]}`;
    const answer = (): void => {
      const [status, body] = answers[what] ?? [404, { message: `not in the script: ${what}` }];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method === 'POST')
      void json(request)
        .then((body) => told.push(body))
        .then(answer, answer);
    else answer();
  });
  await once(server.listen(socketPath), 'listening');
  return {
    socketPath,
    told,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}
