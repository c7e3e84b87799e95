import { buffer } from 'node:stream/consumers';
import { type FileRead, LabError } from '../../cluster.ts';
import { type HostContainer, startKeeper } from './start-keeper.ts';

/**
 * Files of a container, by a program inside (agent/files.pl): Docker's archive does not see what is mounted there, as a node's /run and
 * /tmp are, and would wait for ever for a pipe.
 */
export async function readContainerFile(
  container: HostContainer,
  path: string,
  { maxBytes }: { readonly maxBytes: number },
): Promise<FileRead> {
  const [outcome, second, truncated, content] = await asked(container, ['read', absolute(path), maxBytes]);
  switch (String(outcome)) {
    case 'absent':
      return { outcome: 'absent' };
    case 'read':
      return {
        outcome: 'read',
        mode: Number(second),
        truncated: String(truncated) === '1',
        content: content ?? Buffer.alloc(0),
      };
    default:
      return { outcome: 'refused', reason: String(second ?? `${container.name} gave no answer`) };
  }
}

/** Rejects with the system's words. */
export async function writeContainerFile(
  container: HostContainer,
  path: string,
  content: Uint8Array,
  { mode }: { readonly mode: number },
): Promise<void> {
  const [outcome, reason] = await asked(container, ['write', absolute(path), mode.toString(8), content]);
  if (String(outcome) === 'written') return;
  throw new LabError(
    `could not write to ${container.name}: ${String(reason ?? 'it gave no answer')}`,
    'See what is at that path; reset the lab if it cannot be mended.',
  );
}

async function asked(container: HostContainer, fields: readonly (string | number | Uint8Array)[]): Promise<Buffer[]> {
  const connection = await startKeeper(container, 'files', fields);
  const answer = await buffer(connection);
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= answer.length;) {
    const end = at + 4 + answer.readUInt32BE(at);
    if (end > answer.length) break; // it was ended in the middle
    found.push(answer.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function absolute(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new TypeError(`not an absolute path: ${path}`);
  return path;
}
