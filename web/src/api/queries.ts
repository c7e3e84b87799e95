import { QueryClient, queryOptions } from '@tanstack/react-query';
import type { LabState } from '../../../protocol/api.ts';
import type { LabId } from '../../../protocol/ids.ts';
import { listLabs, listScenarios, readLab } from './client.ts';
import { ServerGone } from './failure.ts';

/** Milliseconds between looks at a lab that is changing, at one that is calm, and at a server that is gone. */
const LOOK_OFTEN = 600;
const LOOK_SELDOM = 5_000;
const LOOK_AGAIN = 1_500;

/** The cache of what the server said. Loopback works without any network, so `navigator.onLine` is not asked. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: false, staleTime: 1_000 },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** The scenarios that this server offers. */
export const scenariosQuery = queryOptions({
  queryKey: ['scenarios'],
  queryFn: ({ signal }) => listScenarios(signal),
  staleTime: 60_000,
  refetchInterval: (query) => (query.state.error instanceof ServerGone ? LOOK_AGAIN : false),
});

/** The labs that run now, looked at again while one of them is changing. */
export const labsQuery = queryOptions({
  queryKey: ['labs'],
  queryFn: ({ signal }) => listLabs(signal),
  refetchInterval: (query) =>
    query.state.error !== null
      ? LOOK_AGAIN
      : (query.state.data ?? []).some((lab) => isChanging(lab.status))
        ? LOOK_OFTEN
        : LOOK_SELDOM,
});

/** One lab. A lab that is not there (404) is asked for no more; a server that is gone is asked until it is back. */
export function labQuery(lab: LabId) {
  return queryOptions({
    queryKey: ['labs', lab],
    queryFn: ({ signal }) => readLab(lab, signal),
    refetchInterval: (query) => {
      if (query.state.error !== null) return query.state.error instanceof ServerGone ? LOOK_AGAIN : LOOK_SELDOM;
      return query.state.data !== undefined && !isChanging(query.state.data.status) ? LOOK_SELDOM : LOOK_OFTEN;
    },
  });
}

function isChanging(status: LabState): boolean {
  return status.state === 'starting' || status.state === 'resetting';
}
