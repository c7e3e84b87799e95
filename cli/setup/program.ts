import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Full path of a program that this user may run, or undefined. Looks in PATH and in the folders of system programs. */
export function findProgram(name: string, path: string): string | undefined {
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin']) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next folder.
    }
  }
  return undefined;
}

export interface ProgramEnd {
  readonly exitCode: number;
  /** Standard output and standard error as they came, the last 64 KiB. */
  readonly output: string;
}

const KEPT_CHARACTERS = 64 * 1024;

/** Runs a program without a shell; `line` hears of each line it prints. Rejects when it cannot be started or is aborted. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv; signal: AbortSignal; line?: (text: string) => void },
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env,
      signal: options.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const hear = (chunk: string): void => {
      output = (output + chunk).slice(-KEPT_CHARACTERS);
      const last = chunk.trimEnd().split('\n').at(-1);
      if (last !== undefined && last !== '') options.line?.(last);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ exitCode: code ?? (signal === null ? 1 : 128), output }));
  });
}
