import type { Taint, Toleration } from '../model/generated/objects.ts';

/** Whether any of the tolerations tolerates the taint (core/v1/toleration.go ToleratesTaint). */
export const tolerates = (tolerations: readonly Toleration[], taint: Taint): boolean =>
  tolerations.some(({ key = '', operator = 'Equal', value = '', effect = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (key !== '' && key !== taint.key) return false;
    return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''));
  });
