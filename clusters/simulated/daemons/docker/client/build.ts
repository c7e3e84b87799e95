import { posix } from 'node:path';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { readHostText } from '../../host-text.ts';
import { humanSize } from '../../human-size.ts';
import { DockerClientError, refusalOf } from './docker-client.ts';
import { type FlagSpec, lastFlag } from './flags.ts';
import { complain, type DockerRequest, part } from './verb.ts';

export const BUILD_FLAGS: FlagSpec = {
  booleans: ['-q --quiet', '--no-cache', '--rm', '--force-rm', '--pull'],
  values: ['-t --tag', '-f --file', '--build-arg', '--label', '--target'],
  refused:
    'add-host cache-from cgroup-parent compress cpu-period cpu-quota c cpu-shares cpuset-cpus cpuset-mems iidfile isolation m memory memory-swap network platform security-opt shm-size squash ulimit progress secret ssh output o load push'.split(
      ' ',
    ),
};

const Line = z.object({
  stream: z.string().optional(),
  aux: z.object({ ID: z.string() }).optional(),
  errorDetail: z.object({ code: z.number().optional(), message: z.string() }).optional(),
});

/** What docker says where it has no buildx (docker/cli cli/command/image/build.go and cmd/docker/builder.go). */
const LEGACY = `DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

`;

/** `docker build`: sends a folder to the engine, and prints what it says of building from it. Returns a failed command's own status. */
export async function buildFrom(request: DockerRequest): Promise<number> {
  const { host, call, client, flags, user } = request;
  const [folder = '.'] = request.words;
  if (folder === '-' || lastFlag(flags, 'file') === '-')
    return complain(call, 'not simulated: a Dockerfile or context from standard input', 1);
  if (/^(?:https?|git|ssh):\/\/|^git@/.test(folder))
    return complain(call, 'not simulated: a build context from elsewhere', 1);
  const context = posix.resolve(call.cwd, folder);
  const file = posix.resolve(
    lastFlag(flags, 'file') === undefined ? context : call.cwd,
    lastFlag(flags, 'file') ?? 'Dockerfile',
  );
  if ((await host.listFolder(context)) === undefined)
    return complain(call, `unable to prepare context: path "${folder}" not found`, 1);
  if ((await host.fileSize(file)) === undefined)
    return complain(
      call,
      `unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat ${file}: no such file or directory`,
      1,
    );
  const dockerfile = posix.relative(context, file);
  if (dockerfile.startsWith('..'))
    return complain(call, `unable to prepare context: the Dockerfile (${file}) must be within the build context`, 1);
  const ignored = excludes((await readHostText(host, `${context}/.dockerignore`)) ?? '');
  await call.stderr(LEGACY);
  const tar = await host.spawn(['tar', '-c', '-f', '-', ...ignored, '-C', context, '.'], {
    ...(user === undefined ? {} : { user }),
    signal: call.signal,
  });
  tar.stdin.end();
  tar.stderr.resume();
  let sent = 0;
  const body = new PassThrough();
  body.on('data', (bytes: Buffer) => (sent += bytes.length));
  tar.stdout.pipe(body);
  const answer = await client.stream('POST', `/build?${query(request, dockerfile)}`, body);
  if ((answer.statusCode ?? 0) >= 400) {
    let text = '';
    for await (const chunk of answer as AsyncIterable<Buffer>) text += String(chunk);
    throw refusalOf(text);
  }
  const quiet = flags.has('quiet');
  if (!quiet) await call.stdout(`Sending build context to Docker daemon  ${humanSize(sent)}\r\n`);
  let rest = '';
  let printed = '';
  let id = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const lines = `${rest}${String(chunk)}`.split('\r\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      const { stream = '', aux, errorDetail } = Line.parse(JSON.parse(text));
      id = aux?.ID ?? id;
      if (quiet) printed = `${printed}${stream}`.slice(-64 * 1024);
      else await call.stdout(stream);
      if (errorDetail === undefined) continue;
      if (quiet) await call.stderr(printed);
      return complain(call, errorDetail.message, errorDetail.code ?? 1);
    }
  }
  if (quiet) await call.stdout(`${id}\n`);
  return 0;
}

function query({ flags, call }: DockerRequest, dockerfile: string): string {
  const named = (name: string, standard?: (key: string) => string | undefined): Record<string, string> =>
    Object.fromEntries(
      (flags.get(name) ?? []).flatMap((entry) => {
        const [key = '', ...value] = entry.split('=');
        const text =
          value.length > 0 ? value.join('=') : (standard?.(key) ?? (standard === undefined ? '' : undefined));
        return text === undefined ? [] : [[key, text]];
      }),
    );
  const parts = [
    `dockerfile=${part(dockerfile)}`,
    `buildargs=${part(JSON.stringify(named('build-arg', (key) => call.env[key])))}`,
    `labels=${part(JSON.stringify(named('label')))}`,
    `target=${part(lastFlag(flags, 'target') ?? '')}`,
    ...(flags.get('tag') ?? []).map((name) => `t=${part(name)}`),
    `rm=1&q=${flags.has('quiet') ? 1 : 0}`,
  ];
  return parts.join('&');
}

/** GNU tar's options for the patterns of a .dockerignore. Throws `DockerClientError` for what they cannot say. */
function excludes(text: string): string[] {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return patterns.flatMap((pattern) => {
    if (pattern.startsWith('!'))
      throw new DockerClientError(`not simulated: the exception ${pattern} of .dockerignore`);
    const plain = pattern.replace(/^\/+/, '').replace(/\/+$/, '');
    return plain.startsWith('**/')
      ? ['--no-anchored', '--wildcards', '--wildcards-match-slash', `--exclude=${plain.slice(3)}`]
      : ['--anchored', '--wildcards', '--no-wildcards-match-slash', `--exclude=./${plain}`];
  });
}
