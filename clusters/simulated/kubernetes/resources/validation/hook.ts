import type { KubeObject } from '../../object.ts';
import type { Strategy } from '../resource.ts';
import type { Findings } from './field-errors.ts';
import { withoutNulls } from './nulls.ts';

export interface Checks<T> {
  readonly create: (object: T, found: Findings) => void;
  /** Of a whole update and of a change of scale; what holds for a new object unless said. */
  readonly update?: (object: T, old: T, found: Findings) => void;
  /** Of a subresource. Nothing is checked of one that has no check. */
  readonly parts?: Readonly<Record<string, (object: T, old: T, found: Findings) => void>>;
}

const WHOLE = new Set(['', 'scale']);

/** The validators of a kind as its strategy holds them: they know its type, and the strategy, found by the kind, does not. */
export function checkedBy<T extends KubeObject>(checks: Checks<T>): Pick<Strategy, 'validate' | 'validateUpdate'> {
  const { create, update, parts = {} } = checks;
  return {
    validate(object) {
      const found: Findings = [];
      create(withSpec(object) as T, found);
      return found;
    },
    validateUpdate(object, old, subresource) {
      const found: Findings = [];
      const check = parts[subresource] ?? (WHOLE.has(subresource) ? update : undefined);
      if (check) check(withSpec(object) as T, withSpec(old) as T, found);
      else if (WHOLE.has(subresource)) create(withSpec(object) as T, found);
      return found;
    },
  };
}

/** A spec that was left out is an empty one, as in Go, and what is null was left out. */
export function withSpec(object: KubeObject): KubeObject {
  const seen: KubeObject = { ...object };
  for (const field in object) if (field !== 'metadata') seen[field] = withoutNulls(object[field]);
  seen['spec'] ??= {};
  return seen;
}
