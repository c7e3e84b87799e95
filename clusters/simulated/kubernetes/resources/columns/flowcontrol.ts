import type { Column } from '../resource.ts';
import { AGE, NAME, column } from './column.ts';

const integer = { type: 'integer' } as const;

interface FlowSchema {
  spec: {
    priorityLevelConfiguration: { name: string };
    matchingPrecedence?: number;
    distinguisherMethod?: { type: string };
  };
  status?: { conditions?: { type: string; status: string }[] };
}

export const FLOW_SCHEMA_COLUMNS: readonly Column[] = [
  NAME,
  column<FlowSchema>('PriorityLevel', ({ spec }) => spec.priorityLevelConfiguration.name),
  column<FlowSchema>('MatchingPrecedence', ({ spec }) => spec.matchingPrecedence ?? 0, integer),
  column<FlowSchema>('DistinguisherMethod', ({ spec }) => spec.distinguisherMethod?.type ?? '<none>'),
  AGE,
  column<FlowSchema>(
    'MissingPL',
    ({ status }) => (status?.conditions ?? []).find(({ type }) => type === 'Dangling')?.status ?? '?',
  ),
];

interface PriorityLevel {
  spec: {
    type: string;
    limited?: {
      nominalConcurrencyShares?: number;
      limitResponse?: { queuing?: { queues?: number; handSize?: number; queueLengthLimit?: number } };
    };
  };
}

const queuing = ({ spec }: PriorityLevel): { queues?: number; handSize?: number; queueLengthLimit?: number } =>
  spec.limited?.limitResponse?.queuing ?? {};

export const PRIORITY_LEVEL_CONFIGURATION_COLUMNS: readonly Column[] = [
  NAME,
  column<PriorityLevel>('Type', ({ spec }) => spec.type),
  column<PriorityLevel>('NominalConcurrencyShares', ({ spec }) => spec.limited?.nominalConcurrencyShares ?? '<none>'),
  column<PriorityLevel>('Queues', (level) => queuing(level).queues ?? '<none>'),
  column<PriorityLevel>('HandSize', (level) => queuing(level).handSize ?? '<none>'),
  column<PriorityLevel>('QueueLengthLimit', (level) => queuing(level).queueLengthLimit ?? '<none>'),
  AGE,
];
