import type { Toleration } from '../../model/generated/objects.ts';

/** pkg/util/tolerations/tolerations.go */
const same = (a: Toleration, b: Toleration): boolean =>
  a.key === b.key &&
  (a.operator ?? 'Equal') === (b.operator ?? 'Equal') &&
  a.value === b.value &&
  a.effect === b.effect &&
  a.tolerationSeconds === b.tolerationSeconds;

/** Whether all that `inner` tolerates is tolerated by `outer` too. */
export function isSuperset(outer: Toleration, inner: Toleration): boolean {
  if (same(outer, inner)) return true;
  const takesAnyKey = !outer.key && outer.operator === 'Exists';
  if ((inner.key ?? '') !== (outer.key ?? '') && !takesAnyKey) return false;
  if ((inner.effect ?? '') !== (outer.effect ?? '') && outer.effect) return false;
  if (outer.effect === 'NoExecute' && outer.tolerationSeconds !== undefined) {
    if (inner.tolerationSeconds === undefined || inner.tolerationSeconds > outer.tolerationSeconds) return false;
  }
  if (outer.operator === 'Exists') return true;
  return (inner.operator ?? 'Equal') === 'Equal' && (inner.value ?? '') === (outer.value ?? '');
}

/** Both lists without what another one of them covers; of equal ones the first stays. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [at, one] of all.entries()) {
    const isCovered = merged.some((other) => isSuperset(other, one));
    const willBe = all.slice(at + 1).some((other) => !same(one, other) && isSuperset(other, one));
    if (!isCovered && !willBe) merged.push(one);
  }
  return merged;
}
