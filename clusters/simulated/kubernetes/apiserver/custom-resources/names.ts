import type { Condition } from '../../resources/custom/conditions.ts';
import { equal } from '../../model/equality.ts';
import type { Definition, DefinedNames } from './definition.ts';

/** What the naming controller makes of the names that a definition asks for. */
export interface Naming {
  readonly acceptedNames: Partial<DefinedNames>;
  /** NamesAccepted; without its time. */
  readonly condition: Condition;
}

/** Each name in upstream's order, which decides whose conflict is told: the last one's. */
const NAMES = [
  ['plural', 'PluralConflict', 'resources'],
  ['singular', 'SingularConflict', 'resources'],
  ['shortNames', 'ShortNamesConflict', 'resources'],
  ['kind', 'KindConflict', 'kinds'],
  ['listKind', 'ListKindConflict', 'kinds'],
] as const;

/**
 * Accepts the names that no other definition of the group holds; a name that is in use leaves the one accepted before
 * (apiextensions-apiserver/pkg/controller/status/naming_controller.go).
 */
export function acceptNames(definition: Definition, all: readonly Definition[]): Naming {
  const wanted = definition.spec.names;
  const before = definition.status?.acceptedNames ?? {};
  const used = namesInUse(definition, all);
  const acceptedNames: Partial<DefinedNames> = { ...before };
  let condition: Condition = {
    type: 'NamesAccepted',
    status: 'True',
    reason: 'NoConflicts',
    message: 'no conflicts found',
  };
  for (const [field, reason, space] of NAMES) {
    const own = namesOf(before[field]);
    const taken = namesOf(wanted[field]).filter((name) => !own.includes(name) && used[space].has(name));
    if (taken.length === 0) Object.assign(acceptedNames, { [field]: wanted[field] });
    else condition = { ...condition, status: 'False', reason, message: inUse(taken) };
    if (acceptedNames[field] === undefined) delete acceptedNames[field];
  }
  if (wanted.categories) acceptedNames.categories = wanted.categories;
  else delete acceptedNames.categories;
  return { acceptedNames, condition };
}

/** Whether a definition's accepted names are the ones it asks for; the controller then has nothing to do. */
export const namesAreSettled = ({ spec, status }: Definition): boolean =>
  equal(spec.names, status?.acceptedNames ?? {});

/** What the other definitions of the group hold; a definition does not conflict with itself. */
function namesInUse(
  { metadata, spec }: Definition,
  all: readonly Definition[],
): Record<'resources' | 'kinds', ReadonlySet<string>> {
  const others = all.filter((other) => other.spec.group === spec.group && other.metadata.name !== metadata.name);
  const accepted = others.map(({ status }) => status?.acceptedNames ?? {});
  return {
    resources: new Set(
      accepted.flatMap((one) => [...namesOf(one.plural), ...namesOf(one.singular), ...namesOf(one.shortNames)]),
    ),
    kinds: new Set(accepted.flatMap((one) => [...namesOf(one.kind), ...namesOf(one.listKind)])),
  };
}

const namesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined || value === '' ? [] : typeof value === 'string' ? [value] : value;

/** utilerrors.NewAggregate: several errors stand in brackets. */
function inUse(names: readonly string[]): string {
  const texts = names.map((name) => `${JSON.stringify(name)} is already in use`);
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
