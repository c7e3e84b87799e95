import { posix } from 'node:path';
import type { SimulatedHost } from '../hosts/simulated-host.ts';

/** Longer than any manifest, Dockerfile or bill of materials that a lab makes; a longer file is refused, never half read. */
const MAX_BYTES = 2_000_000;

export type ReadDocument =
  | { readonly outcome: 'read'; readonly path: string; readonly text: string }
  /** In Go's words: `no such file or directory`, `is a directory`. */
  | { readonly outcome: 'refused'; readonly path: string; readonly reason: string };

/** A file that a command names, relative to where the command runs. */
export async function readDocument(host: SimulatedHost, cwd: string, name: string): Promise<ReadDocument> {
  const path = posix.resolve(cwd, name);
  const read = await host.readFile(path, { maxBytes: MAX_BYTES });
  if (read.outcome === 'absent') return { outcome: 'refused', path, reason: 'no such file or directory' };
  if (read.outcome === 'refused') {
    const folder = (await host.listFolder(path)) !== undefined;
    return { outcome: 'refused', path, reason: folder ? 'is a directory' : read.reason };
  }
  if (read.truncated) return { outcome: 'refused', path, reason: `larger than ${MAX_BYTES} bytes` };
  return { outcome: 'read', path, text: read.content.toString('utf8') };
}

/** Writes what a command was asked to save. Returns why it could not, in Go's words. */
export async function writeDocument(
  host: SimulatedHost,
  cwd: string,
  name: string,
  text: string,
  mode = 0o644,
): Promise<string | undefined> {
  const path = posix.resolve(cwd, name);
  if ((await host.listFolder(posix.dirname(path))) === undefined) return `open ${name}: no such file or directory`;
  if ((await host.listFolder(path)) !== undefined) return `open ${name}: is a directory`;
  try {
    await host.writeFile(path, Buffer.from(text), { mode });
  } catch (error) {
    return `open ${name}: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}
