import { EngineRefusal } from '../refusal.ts';
import type { Answer, Exchange } from './exchange.ts';

/** What `ps` may take, milliseconds. */
const PS_MS = 5000;

/** `docker top`: the node's own `ps`, of which the lines of the container's processes are told (moby daemon/top_unix.go). */
export async function containerProcesses({ engine, name, query, gone }: Exchange): Promise<Answer> {
  const container = engine.container(name);
  const { run } = container;
  if (run === undefined) throw new EngineRefusal(409, `container ${container.id} is not running`);
  const { pid } = run.process;
  if (pid === undefined)
    throw new EngineRefusal(501, 'not simulated: processes of a container on a node without a machine');
  const ps = async (...words: string[]): Promise<readonly string[]> => {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(PS_MS)]);
    const { exitCode, stdout, stderr } = await engine.host.exec(['ps', ...words], { signal });
    if (exitCode !== 0) throw new EngineRefusal(500, `ps: exit status ${exitCode}: ${String(stderr).trim()}`);
    return String(stdout).trimEnd().split('\n');
  };
  const asked = (query.get('ps_args') || '-ef').split(/\s+/).filter((word) => word !== '');
  const [heading = '', ...lines] = await ps(...asked);
  const titles = fieldsOf(heading);
  const at = titles.indexOf('PID');
  if (at < 0) throw new EngineRefusal(500, "Couldn't find PID field in ps output");
  const own = ownProcesses(await ps('-eo', 'pid=,ppid=,pidns='), pid);
  const rows = lines.map((line) => {
    const fields = fieldsOf(line);
    return [...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(' ')];
  });
  return {
    status: 200,
    body: { Titles: titles, Processes: rows.filter((row) => own.has(Number(row[at]))) },
  };
}

const fieldsOf = (line: string): readonly string[] => line.trim().split(/\s+/);

/** By number, those in a container's namespace of processes; of one that has its node's, the first and what it has begun. */
function ownProcesses(lines: readonly string[], first: number): ReadonlySet<number> {
  const rows = lines
    .map((line) => fieldsOf(line))
    .map(([pid, parent, space]) => ({ pid: Number(pid), parent: Number(parent), space }));
  const space = rows.find(({ pid }) => pid === first)?.space;
  const nodes = rows.find(({ pid }) => pid === 1)?.space;
  if (space !== undefined && space !== '-' && space !== nodes)
    return new Set(rows.filter((row) => row.space === space).map(({ pid }) => pid));
  const own = new Set([first]);
  for (let size = 0; size < own.size;) {
    size = own.size;
    for (const { pid, parent } of rows) if (own.has(parent)) own.add(pid);
  }
  return own;
}
