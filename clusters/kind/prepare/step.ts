import { type ExecResult, type Host, LabError } from '../../cluster.ts';

/** One thing done to a host. */
export interface PrepareStep {
  /** A short present participle, for instance `starting SSH`. */
  readonly doing: string;
  /** Can be run again at any time, with the same outcome. */
  run(host: Host, signal: AbortSignal): Promise<void>;
}

const SHOWN_CHARACTERS = 2000;

/** Runs a program on a host; throws `LabError` with its last words when it fails. */
export async function must(
  host: Host,
  argv: readonly string[],
  options: { readonly stdin?: string; readonly signal: AbortSignal },
): Promise<ExecResult> {
  const end = await host.exec(argv, options);
  if (end.exitCode === 0) return end;
  const said = `${end.stdout.toString('utf8')}${end.stderr.toString('utf8')}`.trim().slice(-SHOWN_CHARACTERS);
  throw new LabError(
    `on ${host.name}, ${argv.slice(0, 3).join(' ').split('\n')[0]} ended with ${end.exitCode}: ${said}`,
    'If the image of this host is one of your own, see that it has what docs/kind.md asks of it.',
  );
}

/** The text of a file; empty when there is none. */
export async function readText(host: Host, path: string): Promise<string> {
  const read = await host.readFile(path, { maxBytes: 1_000_000 });
  if (read.outcome === 'refused')
    throw new LabError(`${path} on ${host.name} could not be read: ${read.reason}`, 'Create the lab again.');
  return read.outcome === 'absent' ? '' : read.content.toString('utf8');
}
