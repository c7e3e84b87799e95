import type { Clock } from '../../clock.ts';
import type { ApiClient } from '../../kubernetes/client-config/api-client.ts';
import { klogLine } from '../klog.ts';

export interface LogLine {
  /** Its place in the source. */
  readonly place: string;
  readonly message: string;
}

/** What a program asks of the API server before it can do anything, and what it logs when it is refused. */
export interface Ask {
  readonly path: string;
  /** For refusals without words: the resource, and the name. */
  readonly what: string;
  readonly refused: (error: string) => readonly LogLine[];
  /** Whether it is content with what is not there: it would make it. */
  readonly mayBeAbsent?: boolean;
}

/** An informer's first list (client-go/tools/cache/reflector.go). `type` as in `v1.Node`. */
export const listed = (type: string, path: string, selector = ''): Ask => ({
  path: `${path}?${selector}limit=500&resourceVersion=0`,
  what: path.split('/').at(-1) ?? '',
  refused: (error) => [
    {
      place: 'reflector.go:205',
      message: `"Failed to watch" err=${JSON.stringify(`failed to list *${type}: ${error}`)} logger="UnhandledError" reflector="k8s.io/client-go/informers/factory.go:160" type="*${type}"`,
    },
  ],
});

/** The lock that a leader holds (client-go/tools/leaderelection/leaderelection.go). */
export const leaderLock = (name: string): Ask => ({
  path: `/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/${name}?timeout=5s`,
  what: `leases.coordination.k8s.io ${name}`,
  refused: (error) => [
    { place: 'leaderelection.go:436', message: `error retrieving resource lock kube-system/${name}: ${error}` },
  ],
  mayBeAbsent: true,
});

/** What a program asks at once, and what it comes to once it has that. */
export type Stages = readonly (readonly Ask[])[];

/** Asks stage by stage; the lines of the first one of which anything was refused. */
export async function refusalsOf(client: ApiClient, stages: Stages, clock: Clock): Promise<readonly string[]> {
  for (const asks of stages) {
    const lines = await refusalsOfAll(client, asks, clock);
    if (lines.length > 0) return lines;
  }
  return [];
}

async function refusalsOfAll(client: ApiClient, asks: readonly Ask[], clock: Clock): Promise<readonly string[]> {
  const answers = await Promise.all(asks.map(async (ask) => ({ ask, answer: await client.get(ask.path, ask.what) })));
  return answers.flatMap(({ ask, answer }) => {
    if (answer.outcome === 'answered' || (ask.mayBeAbsent === true && answer.status === 404)) return [];
    return ask.refused(answer.error).map(({ place, message }) => klogLine(clock, 'E', place, message));
  });
}
