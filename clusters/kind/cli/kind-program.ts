import { spawn } from 'node:child_process';
import { LabError } from '../../cluster.ts';

/** A kind executable whose version has been looked at. */
export interface KindProgram {
  readonly path: string;
  /** Without the `v`, for instance `0.33.0`. */
  readonly version: string;
}

/** The first version whose configuration, texts and node images this backend is written for. */
export const OLDEST_KIND = '0.30.0';

/** How long `kind version` may take, in milliseconds; ordinarily 20. */
const VERSION_MS = 30_000;

/**
 * Asks the executable at `path` for its version (`kind version -q`, pkg/cmd/kind/version/version.go). Throws `LabError` for one that
 * cannot be started, is not kind, or is older than `OLDEST_KIND`.
 */
export async function checkedKind(path: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<KindProgram> {
  const remedy = `Install kind ${OLDEST_KIND} or newer (https://kind.sigs.k8s.io, or Debian’s package kind where it has one), or name one: BREACHLAB_KIND=/path/to/kind`;
  let said: string;
  try {
    said = await versionOf(path, env, AbortSignal.any([signal, AbortSignal.timeout(VERSION_MS)]));
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabError(`${path} cannot be asked for its version: ${why}`, remedy, { cause });
  }
  const version = /^v?(\d+\.\d+\.\d+\S*)$/m.exec(said.trim())?.[1];
  if (version === undefined)
    throw new LabError(`${path} is not kind: \`kind version -q\` says ${JSON.stringify(said.slice(0, 100))}`, remedy);
  if (isOlder(version, OLDEST_KIND))
    throw new LabError(`${path} is kind ${version}, and labs need ${OLDEST_KIND} or newer.`, remedy);
  return { path, version };
}

/** Whether a version comes before another; what follows the three numbers does not count. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string): number[] => text.split(/[.+-]/, 3).map(Number);
  const [mine, others] = [numbers(version), numbers(than)];
  for (const [i, other] of others.entries()) {
    const own = mine[i] ?? 0;
    if (own !== other) return own < other;
  }
  return false;
}

function versionOf(path: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, ['version', '-q'], { env, signal, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 1000)));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`it ended with status ${code}`))));
  });
}
