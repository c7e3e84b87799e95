import { LabError } from '../../clusters/cluster.ts';

const ELSEWHERE = 'name another data directory: BREACHLAB_DATA=/path';

/** What SQLite's primary result codes mean for whoever runs the server (sqlite.org/rescode.html). */
const MEANINGS: Readonly<Record<number, (path: string) => readonly [what: string, nextStep: string]>> = {
  5: (path) => [`Another server uses the database ${path}.`, `Use that server, stop it, or ${ELSEWHERE}`],
  8: (path) => [`The database ${path} may only be read.`, `Make it writable for this user, or ${ELSEWHERE}`],
  10: (path) => [`The disk failed under the database ${path}.`, `Look at the disk, or ${ELSEWHERE}`],
  11: (path) => [`The database ${path} is damaged.`, 'Move it away: the next server makes a new one.'],
  13: (path) => [`The disk with the database ${path} is full.`, `Free some space there, or ${ELSEWHERE}`],
  26: (path) => [`${path} is no database.`, 'Move it away: the next server makes a new one.'],
};

/** The error in words, where it is the machine's and not ours; any other one as it is. */
export function storeError(path: string, cause: unknown): unknown {
  const { errcode } = cause as { errcode?: unknown };
  // The low byte is the primary code; what is above it tells more than anybody needs.
  const meaning = typeof errcode === 'number' ? MEANINGS[errcode & 0xff]?.(path) : undefined;
  return meaning === undefined ? cause : new LabError(...meaning, { cause });
}
