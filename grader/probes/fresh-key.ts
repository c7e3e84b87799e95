import ssh2 from 'ssh2';
import { type Host, LabError } from '../../clusters/cluster.ts';

const FILE_BYTES = 256 * 1024;

/**
 * Runs `use` with a private key that `~/.ssh/authorized_keys` of that user lets in meanwhile; the file is as it was afterwards, but for what
 * somebody else wrote into it. Throws `LabError` when the file cannot be read.
 */
export async function withFreshKey<T>(
  { host, user }: { readonly host: Host; readonly user: string },
  use: (key: string) => Promise<T>,
): Promise<T> {
  const path = `${user === 'root' ? '' : '/home'}/${user}/.ssh/authorized_keys`;
  const made = readableKey();
  const before = await contentOf(host, path);
  const { text, mode } = before ?? { text: '', mode: 0o600 };
  // First, so that a file without a newline at its end stays as it is.
  await host.writeFile(path, Buffer.from(`${made.public}\n${text}`, 'latin1'), { mode });
  try {
    return await use(made.private);
  } finally {
    const now = await contentOf(host, path);
    const left = now?.text.replace(`${made.public}\n`, '');
    if (left === '' && before === undefined) await host.exec(['rm', '-f', path], { signal: AbortSignal.timeout(5000) });
    else if (now !== undefined && left !== undefined)
      await host.writeFile(path, Buffer.from(left, 'latin1'), { mode: now.mode });
  }
}

/** Of those of type ed25519 that ssh2 makes, one in a hundred cannot be read by ssh2. */
function readableKey(): { readonly private: string; readonly public: string } {
  for (;;) {
    const made = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'a check of Breachlab' });
    if (!(ssh2.utils.parseKey(made.private) instanceof Error)) return made;
  }
}

async function contentOf(host: Host, path: string): Promise<{ text: string; mode: number } | undefined> {
  const read = await host.readFile(path, { maxBytes: FILE_BYTES });
  if (read.outcome === 'absent') return undefined;
  if (read.outcome === 'refused' || read.truncated) {
    const why = read.outcome === 'refused' ? read.reason : 'it is too large';
    throw new LabError(`${host.name}:${path} could not be read (${why})`, 'Mend that file, then check again.');
  }
  // Latin-1 gives every byte back.
  return { text: read.content.toString('latin1'), mode: read.mode };
}
