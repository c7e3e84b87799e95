import type { Host } from '../../cluster.ts';

/** More than any configuration file a daemon here reads; a longer one is refused, never half read. */
const MAX_CONFIG_BYTES = 256 * 1024;

/**
 * Reads a configuration file of a host as UTF-8. Returns undefined when there is none.
 * Throws `UnreadableFile` when the host refuses it (a folder, a symlink that leaves the host) or when it is too long.
 */
export async function readHostText(host: Host, path: string): Promise<string | undefined> {
  const read = await host.readFile(path, { maxBytes: MAX_CONFIG_BYTES });
  switch (read.outcome) {
    case 'absent':
      return undefined;
    case 'refused':
      throw new UnreadableFile(path, read.reason);
    case 'read':
      if (read.truncated) throw new UnreadableFile(path, `larger than ${MAX_CONFIG_BYTES} bytes`);
      return read.content.toString('utf8');
    default:
      return read satisfies never;
  }
}

/** A file of a host that is there and cannot be read: the message is Go's, `reason` is how the system says it. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  readonly path: string;
  readonly reason: string;
  /** The host's `reason` may name the path. */
  constructor(path: string, reason: string) {
    const why = reason.replace(`${path}: `, '').replace(`${path} `, '');
    super(`${why === 'Is a directory' ? 'read' : 'open'} ${path}: ${why.charAt(0).toLowerCase()}${why.slice(1)}`);
    this.path = path;
    this.reason = why;
  }
}
