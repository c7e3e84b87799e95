/** Order of a character in a version: a tilde is before the end, letters are before the rest (deb-version(7)). */
const orderOf = (character: string): number =>
  character === '~'
    ? -1
    : character === '' || /\d/.test(character)
      ? 0
      : /[A-Za-z]/.test(character)
        ? character.charCodeAt(0)
        : character.charCodeAt(0) + 256;

/** Compares two versions of Debian packages as dpkg does: negative where the first is older. */
export function compareVersions(a: string, b: string): number {
  const epoch = (version: string): number => (version.includes(':') ? Number(version.split(':')[0]) : 0);
  const rest = (version: string): string => version.slice(version.indexOf(':') + 1);
  const split = (version: string): readonly [string, string] => {
    const dash = version.lastIndexOf('-');
    return dash < 0 ? [version, ''] : [version.slice(0, dash), version.slice(dash + 1)];
  };
  if (epoch(a) !== epoch(b)) return epoch(a) - epoch(b);
  const [upstreamA, debianA] = split(rest(a));
  const [upstreamB, debianB] = split(rest(b));
  return compareParts(upstreamA, upstreamB) || compareParts(debianA, debianB);
}

/** What is not digits and what is, in turns. */
function compareParts(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    const [textA = ''] = /^\D*/.exec(left) ?? [];
    const [textB = ''] = /^\D*/.exec(right) ?? [];
    for (let i = 0; i < Math.max(textA.length, textB.length); i++) {
      const difference = orderOf(textA.charAt(i)) - orderOf(textB.charAt(i));
      if (difference !== 0) return difference;
    }
    [left, right] = [left.slice(textA.length), right.slice(textB.length)];
    const [numberA = ''] = /^\d*/.exec(left) ?? [];
    const [numberB = ''] = /^\d*/.exec(right) ?? [];
    if (Number(numberA) !== Number(numberB)) return Number(numberA) - Number(numberB);
    [left, right] = [left.slice(numberA.length), right.slice(numberB.length)];
  }
  return 0;
}
