/** Small parts of the sentences that checks make (pod-security-admission/policy/helpers.go). */

export const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');

export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** `container "a"` or `containers "a", "b"`. */
export const containers = (names: readonly string[]): string =>
  `${names.length === 1 ? 'container' : 'containers'} ${quoted(names)}`;

/** `pod`, `container "a"`, or both joined by `and`. */
export const setters = (pod: boolean, names: readonly string[]): string =>
  [...(pod ? ['pod'] : []), ...(names.length === 0 ? [] : [containers(names)])].join(' and ');
