/** intstr.IntOrString (apimachinery/pkg/util/intstr/intstr.go): a number, or a text such as `25%` or a port's name. */
export type IntOrString = number | string;

/** How many of `total` a count or percentage is; a percentage is rounded up or down. Undefined for a text that is no percentage. */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number | undefined {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return undefined;
  const share = (Number(percent) * total) / 100;
  return round === 'up' ? Math.ceil(share) : Math.floor(share);
}
