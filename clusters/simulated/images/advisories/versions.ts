/**
 * Whether a is before, the same as or after b (negative, zero, positive) as dpkg orders versions: epoch, then upstream, then revision, each by
 * turns of text, in which `~` comes before the end and letters before other signs, and numbers (deb-version(7)). Orders Alpine's versions of
 * the tables here in the same way.
 */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [split(a), split(b)];
  return x.epoch - y.epoch || compareParts(x.upstream, y.upstream) || compareParts(x.revision, y.revision);
}

/** Whether a Go release has no more what these releases fixed: at or after the fix of its own line, or of a later line than all of them. */
export function goFixed(version: string, fixed: readonly string[]): boolean {
  const line = (text: string): string => text.split('.').slice(0, 2).join('.');
  const own = fixed.find((one) => line(one) === line(version));
  if (own !== undefined) return compareVersions(version, own) >= 0;
  return fixed.every((one) => compareVersions(line(version), line(one)) > 0);
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const { epoch = '0', rest = '' } = /^(?:(?<epoch>\d+):)?(?<rest>.*)$/s.exec(version)?.groups ?? {};
  const dash = rest.lastIndexOf('-');
  return dash < 0
    ? { epoch: Number(epoch), upstream: rest, revision: '' }
    : { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) };
}

function compareParts(a: string, b: string): number {
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  // Turns begin with text, empty where a number comes first.
  if (/^\d/.test(a)) left.unshift('');
  if (/^\d/.test(b)) right.unshift('');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one = '', other = ''] = [left[i], right[i]];
    const order = i % 2 === 0 ? compareText(one, other) : Number(one) - Number(other);
    if (order !== 0) return order;
  }
  return 0;
}

function compareText(a: string, b: string): number {
  const weight = (sign: string | undefined): number => {
    if (sign === undefined) return 0;
    if (sign === '~') return -1;
    return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
  };
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = weight(a[i]) - weight(b[i]);
    if (order !== 0) return order;
  }
  return 0;
}
