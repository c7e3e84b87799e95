import type { Column } from '../resource.ts';
import { AGE, NAME, column } from './column.ts';

const wide = { wide: true } as const;

interface Binding {
  roleRef: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

const subjects = ({ subjects = [] }: Binding, kind: string): string =>
  subjects
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ');

export const BINDING_COLUMNS: readonly Column[] = [
  NAME,
  column<Binding>('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  AGE,
  column<Binding>('Users', (binding) => subjects(binding, 'User'), wide),
  column<Binding>('Groups', (binding) => subjects(binding, 'Group'), wide),
  column<Binding>('ServiceAccounts', (binding) => subjects(binding, 'ServiceAccount'), wide),
];
