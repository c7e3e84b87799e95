import type { DockerRequest, Verb } from './verb.ts';
import { command, FORMAT, printInspected, printRows } from './verb.ts';
import { DockerClientError } from './docker-client.ts';

/** The context that is there without any being made, which is what DOCKER_HOST or the usual socket names (docker/cli cli/command/context). */
const DEFAULT = 'default';

/** docker's commands over contexts: none but the one that always is can be made. */
export const VERBS_OF_CONTEXTS: Readonly<Record<string, Verb>> = {
  'context ls': command('[OPTIONS]', 'List contexts', listContexts, { booleans: ['-q --quiet'], values: ['--format'] }),
  'context show': command('', 'Print the name of the current context', async ({ call }) => {
    await call.stdout(`${DEFAULT}\n`);
    return 0;
  }),
  'context inspect': command(
    '[OPTIONS] [CONTEXT] [CONTEXT...]',
    'Display detailed information on one or more contexts',
    inspectContexts,
    { values: FORMAT },
  ),
};

async function listContexts(request: DockerRequest): Promise<number> {
  const { call, client, flags } = request;
  if (flags.has('quiet')) {
    await call.stdout(`${DEFAULT}\n`);
    return 0;
  }
  const row = {
    Name: `${DEFAULT} *`,
    Description: 'Current DOCKER_HOST based configuration',
    DockerEndpoint: client.address,
    Error: '',
  };
  return printRows(request, [row], {
    type: '*formatter.clientContextContext',
    columns: ['Name', 'Description', 'DockerEndpoint', 'Error'],
    headings: { Name: 'NAME', Description: 'DESCRIPTION', DockerEndpoint: 'DOCKER ENDPOINT', Error: 'ERROR' },
  });
}

async function inspectContexts(request: DockerRequest): Promise<number> {
  const { client, words } = request;
  const unknown = words.find((word) => word !== DEFAULT);
  if (unknown !== undefined)
    throw new DockerClientError(
      `context ${JSON.stringify(unknown)}: context not found: open /root/.docker/contexts/meta: no such file or directory`,
    );
  await printInspected(request, [
    {
      Name: DEFAULT,
      Metadata: {},
      Endpoints: { docker: { Host: client.address, SkipTLSVerify: false } },
      TLSMaterial: {},
      Storage: { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' },
    },
  ]);
  return 0;
}
