import type { Clock } from '../../clock.ts';
import type { AuditSink, LogLimits } from './audit.ts';

/** The controlplane's file system as the log needs it. All paths are absolute. */
export interface LogFiles {
  /** Makes missing folders; new files are readable by root alone (0600). */
  append(path: string, text: string): Promise<void>;
  /** Bytes; undefined when there is no such file. */
  size(path: string): Promise<number | undefined>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in a folder; empty when there is none. */
  list(folder: string): Promise<readonly string[]>;
}

const MEGABYTE = 1024 * 1024;
const DEFAULT_MEGABYTES = 100;
const DAY = 24 * 3600 * 1000;
/** Lines that wait for the disk; what comes on top is dropped, so that a slow disk costs no memory. */
const MAX_PENDING_BYTES = 8 * MEGABYTE;

/**
 * An audit log file that is put aside when it is full, as lumberjack does for `--audit-log-maxsize`, `-maxbackup` and `-maxage`:
 * `audit-2026-03-01T12-00-00.000.log`. Lines are gathered and appended in order. `failed` hears of a disk that refuses.
 */
export function auditLogFile(
  path: string,
  limits: LogLimits,
  files: LogFiles,
  clock: Clock,
  failed: (error: unknown) => void,
): { readonly sink: AuditSink; flushed(): Promise<void> } {
  let pending = '';
  let writing: Promise<void> | undefined;
  const maxBytes = (limits.maxSize === 0 ? DEFAULT_MEGABYTES : limits.maxSize) * MEGABYTE;

  const drain = async (): Promise<void> => {
    while (pending !== '') {
      const text = pending;
      pending = '';
      const size = await files.size(path);
      if (size !== undefined && size > 0 && size + Buffer.byteLength(text) > maxBytes)
        await rotate(path, limits, files, clock);
      await files.append(path, text);
    }
  };
  const start = (): void => {
    writing ??= drain()
      .catch(failed)
      .finally(() => {
        writing = undefined;
        if (pending !== '') start();
      });
  };
  return {
    sink(line) {
      if (pending.length + line.length > MAX_PENDING_BYTES) return;
      pending += line;
      start();
    },
    async flushed() {
      for (let current = writing; current !== undefined; current = writing) await current;
    },
  };
}

async function rotate(path: string, limits: LogLimits, files: LogFiles, clock: Clock): Promise<void> {
  const slash = path.lastIndexOf('/');
  const folder = path.slice(0, slash);
  const base = path.slice(slash + 1);
  const dot = base.lastIndexOf('.');
  const [stem, extension] = dot <= 0 ? [base, ''] : [base.slice(0, dot), base.slice(dot)];
  const stamp = new Date(clock.now()).toISOString().slice(0, 23).replaceAll(':', '-');
  await files.rename(path, `${folder}/${stem}-${stamp}${extension}`);
  const old = (await files.list(folder))
    .flatMap((name) => {
      if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) return [];
      const text = name.slice(stem.length + 1, name.length - extension.length);
      const made = Date.parse(`${text.slice(0, 10)}T${text.slice(11).replaceAll('-', ':')}Z`);
      return Number.isNaN(made) ? [] : [{ name, made }];
    })
    .sort((a, b) => b.made - a.made);
  for (const [at, { name, made }] of old.entries()) {
    const tooMany = limits.maxBackup > 0 && at >= limits.maxBackup;
    const tooOld = limits.maxAge > 0 && clock.now() - made > limits.maxAge * DAY;
    if (tooMany || tooOld) await files.remove(`${folder}/${name}`);
  }
}
