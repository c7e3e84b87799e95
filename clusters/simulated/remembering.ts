/** Enough for the nodes of a cluster, before and after a learner's edit. */
const KEPT = 8;

/**
 * The same function, which remembers what it made of the last few texts: the labs of a server begin with the same files. What it makes is
 * shared and must not be changed; what it throws is not remembered.
 */
export function remembering<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const result = make(text);
    made.set(text, result);
    const [oldest] = made.keys();
    if (made.size > KEPT && oldest !== undefined) made.delete(oldest);
    return result;
  };
}
